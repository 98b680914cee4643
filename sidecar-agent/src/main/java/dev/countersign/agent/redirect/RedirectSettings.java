package dev.countersign.agent.redirect;

import dev.countersign.policy.match.IpBlock;
import java.util.List;

/**
 * What is redirected, and what is not.
 *
 * @param inboundPort where the agent takes connections from outside
 * @param outboundPort where it takes those of the application; on loopback
 * @param agentUid the agent's user: its own connections are left alone
 * @param inbound ports of the application that are redirected; empty = all
 * @param excludedInbound ports of the application that are not
 * @param excludedOutbound ports elsewhere that the application reaches directly
 * @param excludedNetworks addresses elsewhere that it reaches directly
 * @param excludedUids users whose connections are left alone, beside the agent's
 */
public record RedirectSettings(
        int inboundPort,
        int outboundPort,
        long agentUid,
        List<PortRange> inbound,
        List<PortRange> excludedInbound,
        List<PortRange> excludedOutbound,
        List<IpBlock> excludedNetworks,
        List<Long> excludedUids) {
    public static final int INBOUND_PORT = 15_006;
    public static final int OUTBOUND_PORT = 15_001;

    /** Health and metrics of the agent, which are asked from outside. */
    public static final PortRange OPS_PORT = new PortRange(15_020, 15_020);

    private static final int MAX_PORT = 0xffff;
    private static final long MAX_UID = 0xffff_fffeL;

    /** Of each list: far more than anybody writes, far less than the kernel takes. */
    private static final int MAX_ENTRIES = 1_000;

    public RedirectSettings {
        port("inboundPort", inboundPort);
        port("outboundPort", outboundPort);
        if (inboundPort == outboundPort) {
            throw new IllegalArgumentException(
                    "outboundPort: " + outboundPort + " (expected: another one than inboundPort)");
        }
        uid("agentUid", agentUid);
        excludedUids.forEach(uid -> uid("excludedUids", uid));
        inbound = bounded("inbound", inbound);
        excludedInbound = bounded("excludedInbound", excludedInbound);
        excludedOutbound = bounded("excludedOutbound", excludedOutbound);
        excludedNetworks.forEach(RedirectSettings::network);
        excludedNetworks =
                bounded("excludedNetworks", excludedNetworks).stream()
                        .map(IpBlock::canonical)
                        .toList();
        excludedUids = bounded("excludedUids", excludedUids);
    }

    /** Everything is redirected but the agent's own connections and its health port. */
    public static RedirectSettings of(long agentUid) {
        return new RedirectSettings(
                INBOUND_PORT,
                OUTBOUND_PORT,
                agentUid,
                List.of(),
                List.of(OPS_PORT),
                List.of(),
                List.of(),
                List.of());
    }

    private static void port(String name, int port) {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(name + ": " + port + " (expected: 1 to 65535)");
        }
    }

    private static void uid(String name, long uid) {
        if (uid < 0 || uid > MAX_UID) {
            throw new IllegalArgumentException(
                    name + ": " + uid + " (expected: 0 to " + MAX_UID + ")");
        }
    }

    private static void network(IpBlock block) {
        if (block.prefix() == 0) {
            throw new IllegalArgumentException(
                    "excludedNetworks: " + block + " (expected: less than everything)");
        }
    }

    private static <T> List<T> bounded(String name, List<T> entries) {
        if (entries.size() > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    name + ": " + entries.size() + " entries (expected: <= " + MAX_ENTRIES + ")");
        }
        return List.copyOf(entries);
    }
}
