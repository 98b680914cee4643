package dev.countersign.agent.proxy;

import java.time.Duration;

/** What is waited for, how long when nothing else is said, and the bounds of what may be said. */
public enum Timeout {
    /** From accept to the end of detection and of the TLS handshake. */
    HANDSHAKE(Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofMinutes(1)),

    /** An HTTP head, from its first byte to its last. */
    HEAD(Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofMinutes(5)),

    /** Between two requests on a kept connection. */
    IDLE(Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofDays(1)),

    /** How long a refused client may go on sending. */
    LINGER(Duration.ofSeconds(2), Duration.ofMillis(1), Duration.ofMinutes(1)),

    /** TCP connect, outbound. */
    CONNECT_TO_PEER(Duration.ofSeconds(1), Duration.ofMillis(10), Duration.ofMinutes(1)),

    /** TCP connect, inbound. */
    CONNECT_TO_APPLICATION(Duration.ofMillis(300), Duration.ofMillis(10), Duration.ofMinutes(1)),

    /** How long an unused connection to a peer is kept; less than the peer's {@link #IDLE}. */
    POOL_IDLE(Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofHours(1)),

    /** On {@link Protocol#AUTO}: silence after which the server speaks first. */
    SERVER_FIRST(Duration.ofMillis(500), Duration.ofMillis(10), Duration.ofSeconds(30)),

    /** How long an opaque stream carries nothing before draining closes it. */
    QUIET(Duration.ofSeconds(5), Duration.ofMillis(1), Duration.ofHours(1)),

    /** Of a connection that is drained because its peer's certificate ended; the rest is closed. */
    EXPIRY_GRACE(Duration.ofSeconds(30), Duration.ofMillis(1), Duration.ofHours(1));

    private final Duration standard;
    private final Duration least;
    private final Duration most;

    Timeout(Duration standard, Duration least, Duration most) {
        this.standard = standard;
        this.least = least;
        this.most = most;
    }

    public Duration standard() {
        return standard;
    }

    public Duration least() {
        return least;
    }

    public Duration most() {
        return most;
    }
}
