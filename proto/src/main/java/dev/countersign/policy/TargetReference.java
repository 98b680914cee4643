package dev.countersign.policy;

import java.util.Objects;

/**
 * The object a policy is attached to. A policy with target references binds to gateways and
 * waypoints only; a sidecar skips it entirely.
 *
 * @param group API group, empty for the core group
 * @param namespace empty: the namespace of the policy
 */
public record TargetReference(String group, String kind, String name, String namespace) {

    public TargetReference {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(namespace, "namespace");
    }
}
