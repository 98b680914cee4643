package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http2.Http2Limits;
import java.time.Duration;

/**
 * Bounds of what connections may take.
 *
 * @param connections accepted at a time, all listeners together
 * @param handshake from accept to the end of the TLS handshake
 * @param head an HTTP head, from its first byte to its last
 * @param idle between two requests on a kept connection
 * @param linger how long a refused client may go on sending
 * @param connectToPeer TCP connect, outbound
 * @param connectToApplication TCP connect, inbound
 * @param poolIdle how long an unused connection to a peer is kept; less than the peer's {@code idle}
 * @param pooledPerPeer unused connections kept for each peer and event loop
 * @param serverFirst on {@link Protocol#AUTO}: silence after which the server speaks first
 * @param quiet how long an opaque stream carries nothing before draining closes it
 * @param expiryGrace of a connection that is drained because its peer's certificate ended; the rest
 *     is closed then
 * @param http2 bounds of HTTP/2
 * @param overload when there is room for no more
 */
public record ProxyLimits(
        int connections,
        Duration handshake,
        Duration head,
        Duration idle,
        Duration linger,
        Duration connectToPeer,
        Duration connectToApplication,
        Duration poolIdle,
        int pooledPerPeer,
        Duration serverFirst,
        Duration quiet,
        Duration expiryGrace,
        Http2Limits http2,
        OverloadLimits overload) {
    public ProxyLimits {
        positive("connections", connections);
        positive("pooledPerPeer", pooledPerPeer);
        positive("handshake", handshake);
        positive("head", head);
        positive("idle", idle);
        positive("linger", linger);
        positive("connectToPeer", connectToPeer);
        positive("connectToApplication", connectToApplication);
        positive("poolIdle", poolIdle);
        positive("serverFirst", serverFirst);
        positive("quiet", quiet);
        positive("expiryGrace", expiryGrace);
    }

    public static ProxyLimits defaults() {
        return new ProxyLimits(
                10_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                Duration.ofSeconds(60),
                256,
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Http2Limits.defaults(),
                OverloadLimits.defaults());
    }

    public ProxyLimits withConnections(int value) {
        return new ProxyLimits(
                value,
                handshake,
                head,
                idle,
                linger,
                connectToPeer,
                connectToApplication,
                poolIdle,
                pooledPerPeer,
                serverFirst,
                quiet,
                expiryGrace,
                http2,
                overload);
    }

    public ProxyLimits withHandshake(Duration value) {
        return new ProxyLimits(
                connections,
                value,
                head,
                idle,
                linger,
                connectToPeer,
                connectToApplication,
                poolIdle,
                pooledPerPeer,
                serverFirst,
                quiet,
                expiryGrace,
                http2,
                overload);
    }

    public ProxyLimits withHead(Duration value) {
        return new ProxyLimits(
                connections,
                handshake,
                value,
                idle,
                linger,
                connectToPeer,
                connectToApplication,
                poolIdle,
                pooledPerPeer,
                serverFirst,
                quiet,
                expiryGrace,
                http2,
                overload);
    }

    public ProxyLimits withQuiet(Duration value) {
        return new ProxyLimits(
                connections,
                handshake,
                head,
                idle,
                linger,
                connectToPeer,
                connectToApplication,
                poolIdle,
                pooledPerPeer,
                serverFirst,
                value,
                expiryGrace,
                http2,
                overload);
    }

    public ProxyLimits withHttp2(Http2Limits value) {
        return new ProxyLimits(
                connections,
                handshake,
                head,
                idle,
                linger,
                connectToPeer,
                connectToApplication,
                poolIdle,
                pooledPerPeer,
                serverFirst,
                quiet,
                expiryGrace,
                value,
                overload);
    }

    public ProxyLimits withOverload(OverloadLimits value) {
        return new ProxyLimits(
                connections,
                handshake,
                head,
                idle,
                linger,
                connectToPeer,
                connectToApplication,
                poolIdle,
                pooledPerPeer,
                serverFirst,
                quiet,
                expiryGrace,
                http2,
                value);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }

    private static void positive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > PT0S)");
        }
    }
}
