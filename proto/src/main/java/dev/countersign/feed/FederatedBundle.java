package dev.countersign.feed;

import dev.countersign.identity.TrustDomain;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Whom to believe of another trust domain; never merged with another's roots.
 *
 * @param roots 1 to {@link #MAX_ROOTS} self-signed CA certificates
 * @param sequence as the other domain counts its bundles; 0 = it does not
 */
public record FederatedBundle(TrustDomain trustDomain, List<X509Certificate> roots, long sequence) {
    public static final int MAX_ROOTS = 64;

    public FederatedBundle {
        roots = List.copyOf(roots);
        if (roots.isEmpty() || roots.size() > MAX_ROOTS) {
            throw new IllegalArgumentException(
                    "federated bundle: "
                            + roots.size()
                            + " roots (expected: 1 to "
                            + MAX_ROOTS
                            + ")");
        }
    }

    /** What a delta calls it. */
    static String key(FederatedBundle bundle) {
        return bundle.trustDomain().name();
    }
}
