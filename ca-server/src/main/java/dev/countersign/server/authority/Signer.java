package dev.countersign.server.authority;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.lint.LintedCertificate;
import java.security.cert.X509Certificate;

/** Signs what the linter let through, with the authority that the plan names as issuer. */
public interface Signer {
    /** The authority to plan with now. Replaced in time, so ask for each certificate. */
    IssuingAuthority active();

    /**
     * Signs; uses the proof up.
     *
     * @throws KeyVaultException when the key cannot sign now
     * @throws IllegalStateException when the plan's issuer is no authority of this signer
     */
    X509Certificate sign(LintedCertificate linted) throws KeyVaultException;

    /**
     * Whether this is the key of a root, an intermediate or the bundle signature of ours: nobody may
     * have it certified as a workload's.
     *
     * @param publicKeyHash lower-case hex SHA-256 of a SubjectPublicKeyInfo
     */
    boolean isAuthorityKey(String publicKeyHash);
}
