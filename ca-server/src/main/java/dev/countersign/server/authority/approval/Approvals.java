package dev.countersign.server.authority.approval;

import dev.countersign.server.audit.AuditUnavailable;
import java.util.List;
import java.util.Optional;

/** What the taker of a step asks, just before it takes effect: a port. */
public interface Approvals {
    /**
     * Uses up the approvals of this very step. What takes the step asks for the proof.
     *
     * @throws AwaitingApproval when too few have approved yet: nothing happened, and the step is on
     *     the list of those that wait
     * @throws AuditUnavailable when it cannot be recorded: nothing happened
     * @throws dev.countersign.server.audit.RecordsUnavailable when approvals cannot be read or
     *     written now
     */
    ApprovedStep require(Step step) throws AwaitingApproval, AuditUnavailable;

    /**
     * What this very step waits for, when it was asked for; nothing is asked for or used up.
     *
     * @throws dev.countersign.server.audit.RecordsUnavailable when approvals cannot be read now
     */
    default Optional<AwaitingApproval> awaited(Step step) {
        return Optional.empty();
    }

    /** Without configured approvers every step is the asker's own decision. */
    static Approvals notConfigured() {
        return step -> new ApprovedStep(step, "", List.of());
    }
}
