package dev.countersign.agent.proxy;

import java.util.List;

/**
 * What the proxy is to do.
 *
 * @param limits bounds of connections
 * @param peerHeader whether the application is told its peer's identity in {@code
 *     x-countersign-peer}
 * @param eventLoops threads that do all the work, at least 1
 */
public record ProxyConfig(
        List<InboundListener> inbound,
        List<OutboundListener> outbound,
        ProxyLimits limits,
        boolean peerHeader,
        int eventLoops) {
    public ProxyConfig {
        inbound = List.copyOf(inbound);
        outbound = List.copyOf(outbound);
        if (eventLoops < 1) {
            throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: >= 1)");
        }
    }

    /** Default limits, the peer header on, two loops at most. */
    public static ProxyConfig of(List<InboundListener> inbound, List<OutboundListener> outbound) {
        return new ProxyConfig(
                inbound,
                outbound,
                ProxyLimits.defaults(),
                true,
                Math.min(2, Runtime.getRuntime().availableProcessors()));
    }
}
