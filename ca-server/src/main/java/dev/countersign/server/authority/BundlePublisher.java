package dev.countersign.server.authority;

import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustBundle;
import java.util.List;

/** The trust bundle in force, and the key that speaks for it. */
public interface BundlePublisher {
    TrustBundle bundle();

    SignedTrustBundle signedBundle();

    /** In which each bundle-signing key announced the next, oldest first; for who slept. */
    List<SignedTrustBundle> handovers();

    /** Lower-case hex SHA-256 of the bundle-signing key's SubjectPublicKeyInfo. */
    String keyId();

    /** Signs {@code context} followed by {@code payload} with the bundle-signing key. */
    byte[] sign(String context, byte[] payload) throws KeyVaultException;

    /** Told after every change of the bundle. */
    void onChange(Runnable listener);
}
