package dev.countersign.policy.authentication;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.TargetReference;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which tokens workloads believe, as it was written.
 *
 * @param selector labels a workload must carry; empty selects all in scope
 * @param targetRefs at most 16; not empty: no sidecar takes this
 * @param rules none: believes no token and refuses none
 */
public record RequestAuthentication(
        ApiGroup group,
        String namespace,
        String name,
        Map<String, String> selector,
        List<TargetReference> targetRefs,
        List<JwtRule> rules) {
    public RequestAuthentication {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        selector = Map.copyOf(selector);
        targetRefs = List.copyOf(targetRefs);
        rules = List.copyOf(rules);
    }

    /** {@code namespace/name} */
    public String id() {
        return namespace + "/" + name;
    }
}
