package dev.countersign.server.lint;

import dev.countersign.server.x509.AuthorityPlan;
import java.util.concurrent.atomic.AtomicBoolean;

/** Proof: these exact bytes of a signing certificate passed every rule. Usable once. */
public final class LintedAuthority {
    private final byte[] toBeSigned;
    private final AuthorityPlan plan;
    private final AtomicBoolean used = new AtomicBoolean();

    /** Made by {@link AuthorityLinter}, which hands its own copy over. */
    LintedAuthority(byte[] toBeSigned, AuthorityPlan plan) {
        this.toBeSigned = toBeSigned;
        this.plan = plan;
    }

    public AuthorityPlan plan() {
        return plan;
    }

    /**
     * Hands the bytes to the signing key.
     *
     * @throws IllegalStateException the second time
     */
    public byte[] use() {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("linted authority: used before (expected: once)");
        }
        return toBeSigned;
    }
}
