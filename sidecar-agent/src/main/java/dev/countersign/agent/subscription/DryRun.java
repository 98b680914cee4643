package dev.countersign.agent.subscription;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.WorkloadPolicies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What would decide were the policies in DryRun enforced. */
final class DryRun {
    private DryRun() {}

    /**
     * Compiles what is not in force already.
     *
     * @param nearest what decided before, of which is kept what still holds
     * @return null where no policy in DryRun applies: there is nothing to compare, and nothing to pay
     */
    static @Nullable WorkloadPolicies asIfEnforced(
            PolicySet policies, Workload workload, WorkloadPolicies nearest) {
        if (policies.applicableTo(workload).stream().noneMatch(DryRun::isDryRun)) {
            return null;
        }
        List<AuthorizationPolicy> enforced =
                policies.policies().stream()
                        .map(one -> isDryRun(one) ? one.withMode(PolicyMode.ENFORCE) : one)
                        .toList();
        return policies.successor(policies.revision(), policies.mesh(), enforced)
                .forWorkload(workload, nearest);
    }

    private static boolean isDryRun(AuthorizationPolicy policy) {
        return policy.mode() == PolicyMode.DRY_RUN;
    }
}
