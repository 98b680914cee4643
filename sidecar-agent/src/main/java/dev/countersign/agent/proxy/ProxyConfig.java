package dev.countersign.agent.proxy;

import java.util.List;
import java.util.Optional;

/**
 * What the proxy is to do.
 *
 * @param limits bounds of connections
 * @param identity how the application is told its peer's identity
 * @param eventLoops threads that do all the work, at least 1
 * @param redirect for connections that the kernel leads here, beside the listeners
 */
public record ProxyConfig(
        List<InboundListener> inbound,
        List<OutboundListener> outbound,
        ProxyLimits limits,
        IdentityFields identity,
        int eventLoops,
        Optional<RedirectMode> redirect) {
    public ProxyConfig {
        inbound = List.copyOf(inbound);
        outbound = List.copyOf(outbound);
        if (eventLoops < 1) {
            throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: >= 1)");
        }
    }

    /** Explicit listeners only. */
    public ProxyConfig(
            List<InboundListener> inbound,
            List<OutboundListener> outbound,
            ProxyLimits limits,
            IdentityFields identity,
            int eventLoops) {
        this(inbound, outbound, limits, identity, eventLoops, Optional.empty());
    }

    /** Default limits, the peer header on, two loops at most. */
    public static ProxyConfig of(List<InboundListener> inbound, List<OutboundListener> outbound) {
        return new ProxyConfig(
                inbound,
                outbound,
                ProxyLimits.defaults(),
                IdentityFields.defaults(),
                Math.min(2, Runtime.getRuntime().availableProcessors()));
    }
}
