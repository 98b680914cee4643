package dev.countersign.agent.subscription;

import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.util.Optional;

/** The policies in force for this agent's own workload. */
public interface PolicySource {
    /**
     * One revision, complete.
     *
     * @param policies everything that selects this workload
     * @param workload what the server recorded of it
     */
    record InForce(PolicySet policies, Workload workload) {}

    /** Empty = no policy source yet: deny. */
    Optional<InForce> current();

    /**
     * Called after every change of policies, bundle or deny list, on the subscription's thread:
     * what is open must be decided again. Must return quickly.
     */
    void onChange(Runnable listener);
}
