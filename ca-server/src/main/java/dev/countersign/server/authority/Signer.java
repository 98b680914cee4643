package dev.countersign.server.authority;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.lint.LintedCertificate;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.function.Supplier;

/** Signs what the linter let through, with the authority that the plan names as issuer. */
public interface Signer {
    /** The authority to plan with now. Replaced in time, so ask for each certificate. */
    IssuingAuthority active();

    /**
     * As {@link #active()}, for one holder: canaries of a rotation get another authority.
     *
     * @param labels of its pod; asked for only while there are canaries
     */
    default IssuingAuthority activeFor(String namespace, Supplier<Map<String, String>> labels) {
        return active();
    }

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
