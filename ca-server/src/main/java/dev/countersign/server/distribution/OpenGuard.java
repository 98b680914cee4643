package dev.countersign.server.distribution;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a set out that turns a workload's last ALLOW into DryRun: what was meant as a look at a policy
 * would hand the workload to the mesh's default action, which lets everybody in or nobody.
 *
 * <p>Looked at are the workloads whose agents are connected, and for each policy so turned one that
 * has just the labels it selects by: such a workload may start at any time.
 */
final class OpenGuard {
    private OpenGuard() {}

    /** Why the set is kept out; empty where it is not. */
    static Optional<String> refusal(
            PolicySet inForce, List<AuthorizationPolicy> next, Collection<Workload> connected) {
        List<AuthorizationPolicy> turned =
                inForce.policies().stream()
                        .filter(OpenGuard::allows)
                        .filter(policy -> next.stream().anyMatch(other -> isTurned(policy, other)))
                        .toList();
        if (turned.isEmpty()) {
            return Optional.empty();
        }
        PolicySet after = PolicySet.of(inForce.revision(), inForce.mesh(), next);
        for (AuthorizationPolicy policy : turned) {
            for (Workload workload : workloads(policy, connected)) {
                if (inForce.applicableTo(workload).contains(policy)
                        && after.applicableTo(workload).stream().noneMatch(OpenGuard::allows)) {
                    return Optional.of(sentence(policy, workload, inForce));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean allows(AuthorizationPolicy policy) {
        return policy.action() == Action.ALLOW && policy.mode() == PolicyMode.ENFORCE;
    }

    private static boolean isTurned(AuthorizationPolicy policy, AuthorizationPolicy other) {
        return other.group() == policy.group()
                && other.id().equals(policy.id())
                && other.action() == Action.ALLOW
                && other.mode() == PolicyMode.DRY_RUN;
    }

    private static List<Workload> workloads(
            AuthorizationPolicy policy, Collection<Workload> connected) {
        List<Workload> workloads = new ArrayList<>(connected);
        workloads.add(new Workload(policy.namespace(), "any", policy.selector()));
        return workloads;
    }

    private static String sentence(
            AuthorizationPolicy policy, Workload workload, PolicySet inForce) {
        String effect =
                inForce.mesh().defaultAction() == DefaultAction.ALLOW
                        ? "everybody would be let in"
                        : "everybody would be denied";
        return "LAST_ALLOW_TO_DRY_RUN: "
                + policy.id()
                + ": spec.mode: DryRun (expected: Enforce, for it is the last ALLOW of "
                + workload.namespace()
                + "/"
                + (workload.serviceAccount().equals("any")
                        ? "workloads with " + workload.labels()
                        : workload.serviceAccount())
                + ", and "
                + effect
                + "; add another ALLOW beside it, or set policies.allowOpen: true at the server)";
    }
}
