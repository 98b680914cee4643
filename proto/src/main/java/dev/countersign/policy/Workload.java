package dev.countersign.policy;

import java.util.Map;
import java.util.Objects;

/** The destination that policies select: one workload, by what the server's records say of it. */
public record Workload(String namespace, String serviceAccount, Map<String, String> labels) {

    public Workload {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(serviceAccount, "serviceAccount");
        labels = Map.copyOf(labels);
    }
}
