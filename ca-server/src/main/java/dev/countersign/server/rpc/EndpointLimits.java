package dev.countersign.server.rpc;

import java.time.Duration;

/**
 * What one caller may cost.
 *
 * @param maxMessageBytes of a request; the largest is a token, a request and framing
 * @param maxHeaderBytes of a request's metadata
 * @param maxCallsPerConnection concurrent
 * @param handshakeTimeout for TLS and the HTTP/2 preface together
 * @param minKeepAlive pings more often than this end the connection
 * @param maxConnectionIdle a connection without a call is closed after this
 */
public record EndpointLimits(
        int maxMessageBytes,
        int maxHeaderBytes,
        int maxCallsPerConnection,
        Duration handshakeTimeout,
        Duration minKeepAlive,
        Duration maxConnectionIdle) {
    /** 64 KiB messages, 16 KiB headers, 64 calls, 10 s handshake, 10 s keep-alive, 10 min idle. */
    public static EndpointLimits standard() {
        return new EndpointLimits(
                64 * 1024,
                16 * 1024,
                64,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofMinutes(10));
    }
}
