package dev.countersign.server.attestation;

import dev.countersign.trust.VerifiedPeer;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What a caller offers to show who it is.
 *
 * @param token the service-account token; {@link BearerToken#isEmpty} when it sent none
 * @param peer who it proved to be by its client certificate, on renewal
 * @param caller the address it called from
 */
public record Evidence(BearerToken token, Optional<VerifiedPeer> peer, InetAddress caller) {}
