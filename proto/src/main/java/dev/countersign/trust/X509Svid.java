package dev.countersign.trust;

import dev.countersign.identity.SpiffeId;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate chain and the identity in it, leaf first, without the root and without the key.
 *
 * @param id the one URI SAN of the leaf
 * @param chain leaf first, at least one
 */
public record X509Svid(SpiffeId id, List<X509Certificate> chain) {
    public X509Svid {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty (expected: at least the leaf)");
        }
    }

    public X509Certificate leaf() {
        return chain.getFirst();
    }
}
