package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The roots of one trust domain at one epoch.
 *
 * @param trustDomain whose roots these are; never merged with another's
 * @param epoch at least 1, rises on every change and never goes back at a reader
 * @param issuedAt when the CA made this epoch
 * @param expires after this a reader warns and keeps what it holds
 * @param roots self-signed CA certificates, at least one
 * @param signingKeys keys that may sign bundles and snapshots; none for another trust domain's, which
 *     our own server hands on
 * @param nextSigningKey the key that will sign later bundles, when one is planned
 */
public record TrustBundle(
        TrustDomain trustDomain,
        long epoch,
        Instant issuedAt,
        Instant expires,
        List<X509Certificate> roots,
        List<PublicKey> signingKeys,
        Optional<PublicKey> nextSigningKey) {
    public TrustBundle {
        roots = List.copyOf(roots);
        signingKeys = List.copyOf(signingKeys);
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch: " + epoch + " (expected: >= 1)");
        }
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("roots: none (expected: at least one)");
        }
    }
}
