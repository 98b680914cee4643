package dev.countersign.server.rpc;

import java.time.Duration;

/**
 * What one caller may cost.
 *
 * @param flowControlWindow bytes of a connection and of each call that may be on their way unread
 *     (RFC 9113, section 5.2)
 * @param maxMessageBytes of a request; the largest is a token, a request and framing
 * @param maxHeaderBytes of a request's metadata
 * @param maxCallsPerConnection concurrent
 * @param handshakeTimeout for TLS and the HTTP/2 preface together
 * @param minKeepAlive pings more often than this end the connection
 * @param maxConnectionIdle a connection without a call is closed after this
 */
public record EndpointLimits(
        int flowControlWindow,
        int maxMessageBytes,
        int maxHeaderBytes,
        int maxCallsPerConnection,
        Duration handshakeTimeout,
        Duration minKeepAlive,
        Duration maxConnectionIdle) {
    /** Of a handshake unless the configuration says otherwise. */
    public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** 256 KiB windows, 64 KiB messages, 16 KiB headers, 64 calls, 10 s keep-alive, 10 min idle. */
    public static EndpointLimits standard(Duration handshakeTimeout) {
        return new EndpointLimits(
                256 * 1024,
                64 * 1024,
                16 * 1024,
                64,
                handshakeTimeout,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10));
    }
}
