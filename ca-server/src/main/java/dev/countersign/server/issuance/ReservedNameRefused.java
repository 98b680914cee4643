package dev.countersign.server.issuance;

import dev.countersign.identity.SpiffeId;

/** A certificate of one of Countersign's own names was not made. */
public final class ReservedNameRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        /** The authority ends too soon for a certificate that is worth having. */
        AUTHORITY_EXPIRING,
        LINT_REFUSED,
        /** Nothing was signed. */
        LOG_UNAVAILABLE,
        KEY_UNAVAILABLE,
        /** The verifier that agents run does not believe it. */
        NOT_BELIEVED
    }

    private final Reason reason;

    ReservedNameRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    ReservedNameRefused(Reason reason, SpiffeId id, Exception cause) {
        super("certificate of " + id + ": " + cause.getMessage(), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
