package dev.countersign.server.authority.rotation;

import dev.countersign.trust.SigningKeys;
import java.security.PublicKey;

/**
 * A key that signs bundles, snapshots and deltas.
 *
 * @param keyName in the key vault
 * @param key P-256
 */
public record BundleKey(String keyName, PublicKey key) {
    /** Lower-case hex SHA-256 of its SubjectPublicKeyInfo. */
    public String id() {
        return SigningKeys.idOf(key);
    }
}
