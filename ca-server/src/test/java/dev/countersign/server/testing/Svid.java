package dev.countersign.server.testing;

import dev.countersign.trust.VerifiedPeer;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;

/** A certificate, its key, and whom it was found to stand for. */
public record Svid(KeyPair keys, List<X509Certificate> chain, VerifiedPeer peer) {
    public X509Certificate leaf() {
        return chain.getFirst();
    }
}
