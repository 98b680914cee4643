package dev.countersign.server.admission.injection;

import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import dev.countersign.server.admission.injection.InjectionSettings.Resources;
import java.util.List;
import java.util.Map;

/**
 * What one pod asks for; the mesh's settings where it says nothing.
 *
 * @param nativeSidecar whether the agent is an init container that goes on
 * @param protocol of ports that are not named; empty = the agent's default
 * @param ports protocols by the application's port, in redirect mode
 * @param inbound listeners of explicit mode
 * @param outbound listeners of explicit mode
 * @param excludedInbound as {@code countersign-agent redirect install} takes it; empty = none
 * @param unlisted {@code allow} or {@code deny}: destinations that the directory does not name; empty =
 *     the agent's default
 */
record PodOptions(
        Mode mode,
        boolean nativeSidecar,
        String protocol,
        Map<Integer, String> ports,
        List<Inbound> inbound,
        List<Outbound> outbound,
        boolean rewriteProbes,
        String excludedInbound,
        String excludedOutbound,
        String excludedNetworks,
        String unlisted,
        String logLevel,
        Resources resources) {
    /** From another agent to the application, on loopback. */
    record Inbound(int listen, int target, String protocol) {}

    /**
     * From the application to another agent.
     *
     * @param peer who must answer
     */
    record Outbound(int listen, String target, String protocol, String peer) {}

    PodOptions {
        ports = Map.copyOf(ports);
        inbound = List.copyOf(inbound);
        outbound = List.copyOf(outbound);
    }
}
