package dev.countersign.server.authority.approval;

import java.util.List;

/**
 * Proof: this step may be taken. Made only by an implementation of {@link Approvals} in this
 * package; required by what takes the step.
 */
public final class ApprovedStep {
    private final Step step;
    private final String digest;
    private final List<String> approvers;

    ApprovedStep(Step step, String digest, List<String> approvers) {
        this.step = step;
        this.digest = digest;
        this.approvers = List.copyOf(approvers);
    }

    public Step step() {
        return step;
    }

    /** What was signed; empty when no approval is configured. */
    public String digest() {
        return digest;
    }

    /** Names of those who approved, sorted; none when no approval is configured. */
    public List<String> approvers() {
        return approvers;
    }

    @Override
    public String toString() {
        return "ApprovedStep[" + step.kind().text() + " by " + approvers + "]";
    }
}
