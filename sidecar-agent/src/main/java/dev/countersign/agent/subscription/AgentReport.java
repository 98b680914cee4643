package dev.countersign.agent.subscription;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What this agent says of itself on the stream.
 *
 * @param serial of the certificate in use, lower-case hex; empty when there is none
 * @param notAfter of that certificate
 * @param leafIssuerKeyId its authority key identifier, lower-case hex; may be empty
 * @param openConnections inbound and outbound
 * @param oldestConnectionIssuerKeyId of the oldest open connection's peer; empty = none open
 * @param clockOffset this clock minus the server's, once measured
 * @param rotations certificates taken into use by this process
 */
public record AgentReport(
        String serial,
        Optional<Instant> notAfter,
        String leafIssuerKeyId,
        long openConnections,
        String oldestConnectionIssuerKeyId,
        Optional<Duration> clockOffset,
        long rotations) {}
