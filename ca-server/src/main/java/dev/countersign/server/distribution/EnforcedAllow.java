package dev.countersign.server.distribution;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicyMode;
import java.util.List;
import java.util.Map;

/** An ALLOW policy that is enforced on workloads: what of it must be known to see a door open. */
public record EnforcedAllow(
        ApiGroup group, String namespace, String name, Map<String, String> selector) {
    public EnforcedAllow {
        selector = Map.copyOf(selector);
    }

    /** Those of a set, in its order. */
    public static List<EnforcedAllow> of(List<AuthorizationPolicy> policies) {
        return policies.stream()
                .filter(EnforcedAllow::is)
                .map(one ->
                        new EnforcedAllow(one.group(), one.namespace(), one.name(), one.selector()))
                .toList();
    }

    static boolean is(AuthorizationPolicy policy) {
        return policy.action() == Action.ALLOW
                && policy.mode() == PolicyMode.ENFORCE
                && policy.targetRefs().isEmpty();
    }

    String id() {
        return namespace + "/" + name;
    }

    /** A policy of the same scope. */
    AuthorizationPolicy asPolicy() {
        return new AuthorizationPolicy(
                group,
                namespace,
                name,
                Action.ALLOW,
                PolicyMode.ENFORCE,
                selector,
                List.of(),
                null,
                List.of(),
                null);
    }
}
