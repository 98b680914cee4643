package dev.countersign.server.distribution;

/** What was asked about a verifier outside is not done. Message: value and expectation. */
public final class ExternalRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        VERIFIER_NAME,
        VERIFIER_EXISTS,
        VERIFIER_UNKNOWN,
        VERIFIERS_FULL,
        /** What it has is not the bundle in force. */
        VERIFIER_OTHER_ROOTS,
        REASON_MISSING
    }

    private final Reason reason;

    ExternalRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
