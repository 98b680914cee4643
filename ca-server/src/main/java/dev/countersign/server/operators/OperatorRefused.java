package dev.countersign.server.operators;

/** A name gets no operator certificate. Message: value and expectation. */
public final class OperatorRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        OPERATOR_NAME_MALFORMED,
        /** {@code admin.operators} does not know the name. */
        OPERATOR_WITHOUT_ROLE,
        /** {@code admin.operators} gives the name another role than was asked for. */
        OPERATOR_OTHER_ROLE
    }

    private final Reason reason;

    OperatorRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
