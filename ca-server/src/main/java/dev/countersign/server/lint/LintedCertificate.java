package dev.countersign.server.lint;

import dev.countersign.server.x509.CertificatePlan;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Proof: these exact to-be-signed bytes passed every rule. Made only by {@link Linter}, usable once:
 * {@code Signer.sign} takes the bytes out.
 */
public final class LintedCertificate {
    private final byte[] toBeSigned;
    private final CertificatePlan plan;
    private final AtomicBoolean used = new AtomicBoolean();

    LintedCertificate(byte[] toBeSigned, CertificatePlan plan) {
        this.toBeSigned = toBeSigned.clone();
        this.plan = plan;
    }

    public CertificatePlan plan() {
        return plan;
    }

    /** A copy for hashing; does not use the proof up. */
    public byte[] toBeSigned() {
        return toBeSigned.clone();
    }

    /**
     * Hands the bytes to the signer.
     *
     * @throws IllegalStateException the second time
     */
    public byte[] use() {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("linted certificate: used before (expected: once)");
        }
        return toBeSigned;
    }
}
