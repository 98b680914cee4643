package dev.countersign.policy.analysis;

import dev.countersign.policy.Decision;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.WorkloadPolicies;
import org.jspecify.annotations.Nullable;

/** Has the last word on a witness: what agents decide with, doors and policies, for one workload. */
final class Referee {

    private final @Nullable PlaintextDoors doors;
    private final Workload workload;
    private final WorkloadPolicies engine;

    Referee(PolicySet set, @Nullable PlaintextDoors doors, Workload workload) {
        this.doors = doors;
        this.workload = workload;
        this.engine = set.forWorkload(workload);
    }

    /** Whether the request gets in. */
    boolean allows(Witness witness) {
        return !isAtShutDoor(witness)
                && engine.decide(witness.request(), witness.answers()).allowed();
    }

    /** Whether a DENY rule refuses the request. */
    boolean deniesByRule(Witness witness) {
        return engine.decide(witness.request(), witness.answers()).reason()
                == Decision.Reason.DENY_RULE_MATCHED;
    }

    private boolean isAtShutDoor(Witness witness) {
        return doors != null && doors.refuses(workload, witness.request());
    }
}
