package dev.countersign.agent.proxy;

import dev.countersign.agent.proxy.http2.Http2Limits;
import java.time.Duration;

/**
 * Bounds of what connections may take.
 *
 * @param connections accepted at a time, all listeners together
 * @param pooledPerPeer unused connections kept for each peer and event loop
 * @param timeouts how long is waited for what
 * @param http2 bounds of HTTP/2
 * @param overload when there is room for no more
 */
public record ProxyLimits(
        int connections,
        int pooledPerPeer,
        Timeouts timeouts,
        Http2Limits http2,
        OverloadLimits overload) {
    private static final int CONNECTIONS = 10_000;
    private static final int POOLED = 256;

    public ProxyLimits {
        positive("connections", connections);
        positive("pooledPerPeer", pooledPerPeer);
    }

    public static ProxyLimits defaults() {
        return new ProxyLimits(
                CONNECTIONS,
                POOLED,
                Timeouts.defaults(),
                Http2Limits.defaults(),
                OverloadLimits.defaults());
    }

    public Duration timeout(Timeout which) {
        return timeouts.of(which);
    }

    public ProxyLimits withConnections(int value) {
        return new ProxyLimits(value, pooledPerPeer, timeouts, http2, overload);
    }

    public ProxyLimits with(Timeout which, Duration value) {
        return new ProxyLimits(
                connections, pooledPerPeer, timeouts.with(which, value), http2, overload);
    }

    public ProxyLimits withHttp2(Http2Limits value) {
        return new ProxyLimits(connections, pooledPerPeer, timeouts, value, overload);
    }

    public ProxyLimits withOverload(OverloadLimits value) {
        return new ProxyLimits(connections, pooledPerPeer, timeouts, http2, value);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
