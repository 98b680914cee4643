package dev.countersign.agent.subscription;

import dev.countersign.feed.RootUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What this agent says of itself on the stream.
 *
 * @param serial of the certificate in use, lower-case hex; empty when there is none
 * @param notAfter of that certificate
 * @param leaf who vouches for it under the bundle in force
 * @param openConnections inbound and outbound
 * @param oldestConnection who vouched for the oldest open connection's peer
 * @param clockOffset this clock minus the server's, once measured
 * @param rotations certificates taken into use by this process
 * @param rootUsage what handshakes needed
 */
public record AgentReport(
        String serial,
        Optional<Instant> notAfter,
        IssuedUnder leaf,
        long openConnections,
        IssuedUnder oldestConnection,
        Optional<Duration> clockOffset,
        long rotations,
        Optional<RootUsage> rootUsage) {

    /**
     * Who vouches for a certificate.
     *
     * @param issuerKeyId its authority key identifier, lower-case hex; may be empty
     * @param rootKeyId of the root of the bundle it leads to; may be empty
     */
    public record IssuedUnder(String issuerKeyId, String rootKeyId) {
        /** Nobody, or there is no certificate. */
        public static final IssuedUnder NOBODY = new IssuedUnder("", "");
    }
}
