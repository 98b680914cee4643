package dev.countersign.server.issuance;

import dev.countersign.trust.VerifiedPeer;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate that the verifier of every agent accepts.
 *
 * @param verified proof of that
 * @param chain leaf first, no root
 * @param refresh when to come back
 */
public record IssuedSvid(
        VerifiedPeer verified, List<X509Certificate> chain, RefreshWindow refresh) {
    public IssuedSvid {
        chain = List.copyOf(chain);
    }
}
