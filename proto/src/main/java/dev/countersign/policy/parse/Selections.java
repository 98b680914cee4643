package dev.countersign.policy.parse;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which policies are for nobody: for tools that know the workloads of a mesh. */
public final class Selections {
    private Selections() {}

    /**
     * The policies of a set that apply to none of these workloads, in the order of the set: the trap
     * {@code SELECTS_NOTHING}. Those with target references are never for a sidecar.
     */
    public static List<AuthorizationPolicy> ofNobody(
            PolicySet set, Collection<Workload> workloads) {
        Set<AuthorizationPolicy> left = new LinkedHashSet<>(set.policies());
        for (Workload workload : workloads) {
            set.applicableTo(workload).forEach(left::remove);
        }
        return List.copyOf(left);
    }
}
