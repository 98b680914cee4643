package dev.countersign.server.authority.approval;

/** An approval that does not count. Message: value and expectation. */
public final class ApprovalRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        APPROVAL_OPERATOR_UNKNOWN,
        APPROVAL_BAD_SIGNATURE,
        APPROVAL_EXPIRED,
        APPROVAL_TOO_LONG,
        /** No step with this digest was asked for. */
        APPROVAL_STEP_UNKNOWN,
        APPROVAL_STEP_EXPIRED,
        /** The step was taken: its approvals are used up. */
        APPROVAL_STEP_USED,
        /** This operator has approved it already. */
        APPROVAL_REPEATED
    }

    private final Reason reason;

    ApprovalRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
