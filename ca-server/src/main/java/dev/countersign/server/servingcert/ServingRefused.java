package dev.countersign.server.servingcert;

/** The server's own certificate was not made; the one before stays in use. */
public final class ServingRefused extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        /** The authority ends too soon for a certificate that is worth having. */
        AUTHORITY_EXPIRING,
        LINT_REFUSED,
        LOG_UNAVAILABLE,
        KEY_UNAVAILABLE,
        /** The verifier that agents run does not believe it. */
        NOT_BELIEVED
    }

    private final Reason reason;

    ServingRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    ServingRefused(Reason reason, String message, Exception cause) {
        super(message + ": " + cause.getMessage(), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
