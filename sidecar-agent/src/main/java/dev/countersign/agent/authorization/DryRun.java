package dev.countersign.agent.authorization;

import dev.countersign.agent.subscription.PolicySource.InForce;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.WorkloadPolicies;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What would decide were the policies in DryRun enforced. */
final class DryRun {
    private DryRun() {}

    /** Null where no policy in DryRun applies: there is nothing to compare, and nothing to pay. */
    static @Nullable WorkloadPolicies asIfEnforced(InForce inForce, InstantSource clock) {
        PolicySet set = inForce.policies();
        List<AuthorizationPolicy> applying = set.applicableTo(inForce.workload());
        if (applying.stream().noneMatch(one -> one.mode() == PolicyMode.DRY_RUN)) {
            return null;
        }
        List<AuthorizationPolicy> enforced =
                applying.stream().map(one -> one.withMode(PolicyMode.ENFORCE)).toList();
        return PolicySet.of(set.revision(), set.mesh(), enforced, clock)
                .forWorkload(inForce.workload());
    }
}
