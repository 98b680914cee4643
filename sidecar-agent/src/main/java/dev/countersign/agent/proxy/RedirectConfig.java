package dev.countersign.agent.proxy;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How connections are carried that the kernel leads here, unseen by the application.
 *
 * @param inbound where those from outside arrive; for both address families several
 * @param outbound where those of the application arrive; loopback
 * @param protocol of the application's ports
 * @param ports the exceptions: by the application's port
 * @param egress what may leave without mutual TLS
 * @param otherPorts of this agent, beside its listeners: nothing is carried to them
 */
public record RedirectConfig(
        List<InetSocketAddress> inbound,
        List<InetSocketAddress> outbound,
        Protocol protocol,
        Map<Integer, Protocol> ports,
        Egress egress,
        Set<Integer> otherPorts) {
    public RedirectConfig {
        inbound = List.copyOf(inbound);
        outbound = List.copyOf(outbound);
        ports = Map.copyOf(ports);
        otherPorts = Set.copyOf(otherPorts);
    }

    /** Nothing is carried to this port of the agent's either. */
    public RedirectConfig withOtherPort(int port) {
        Set<Integer> ports = new HashSet<>(otherPorts);
        ports.add(port);
        return new RedirectConfig(inbound, outbound, protocol, this.ports, egress, ports);
    }

    Protocol protocol(int port) {
        return ports.getOrDefault(port, protocol);
    }

    /**
     * What may leave without mutual TLS.
     *
     * @param unmeshed to places that the directory lists without an identity
     * @param unlisted to addresses of which the directory says nothing
     */
    public record Egress(boolean unmeshed, boolean unlisted) {}
}
