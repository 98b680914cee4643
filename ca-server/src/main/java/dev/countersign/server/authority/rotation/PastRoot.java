package dev.countersign.server.authority.rotation;

import java.time.Instant;

/**
 * A root that was in force once. Its key and its name are never used again.
 *
 * @param keyName in the key vault, as long as the key is not destroyed
 * @param keyId lower-case hex subject key identifier
 * @param subject in its canonical form
 * @param keyHash lower-case hex SHA-256 of its SubjectPublicKeyInfo
 * @param notAfter of its certificate
 * @param distrusted whether it was taken out at once: leaves under it may live
 * @param since when it left the bundle
 */
public record PastRoot(
        String keyName,
        String keyId,
        String subject,
        String keyHash,
        Instant notAfter,
        boolean distrusted,
        Mark since) {
    static PastRoot of(KnownRoot root, boolean distrusted, Mark since) {
        return new PastRoot(
                root.keyName(),
                root.keyId(),
                root.subject(),
                root.keyHash(),
                root.notAfter(),
                distrusted,
                since);
    }
}
