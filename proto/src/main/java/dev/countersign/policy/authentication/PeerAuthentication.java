package dev.countersign.policy.authentication;

import dev.countersign.policy.ApiGroup;
import java.util.Map;
import java.util.Objects;

/**
 * Which connections workloads take, as it was written.
 *
 * @param selector labels a workload must carry; empty selects all in scope
 * @param mode of every port without a mode of its own
 * @param portModes by port of the workload, 1 to 65535; only with a selector
 */
public record PeerAuthentication(
        ApiGroup group,
        String namespace,
        String name,
        Map<String, String> selector,
        MtlsMode mode,
        Map<Integer, MtlsMode> portModes) {
    public PeerAuthentication {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mode, "mode");
        selector = Map.copyOf(selector);
        portModes = Map.copyOf(portModes);
    }

    /** {@code namespace/name} */
    public String id() {
        return namespace + "/" + name;
    }
}
