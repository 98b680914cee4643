package dev.countersign.policy.expression;

/** An expression has no value for this request, or has no program. The message says why. */
public final class ExpressionFault extends Exception {
    private static final long serialVersionUID = 1;

    private final String message;

    /** Without a stack trace: a caller can bring one about with every request. */
    ExpressionFault(String message) {
        super(message, null, false, false);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
