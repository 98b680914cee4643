package dev.countersign.server.admission.review;

/** What came is no question that can be answered. */
public final class MalformedReview extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; a stable code, also of the metric. */
    public enum Reason {
        NOT_JSON,
        VERSION_UNKNOWN,
        FIELD_MISSING,
        FIELD_WRONG
    }

    private final Reason reason;

    MalformedReview(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
