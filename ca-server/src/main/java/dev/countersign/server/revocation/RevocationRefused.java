package dev.countersign.server.revocation;

/** Nothing was revoked or taken back, and why. The message has value and expectation. */
public final class RevocationRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes: callers see them. */
    public enum Reason {
        REASON_MISSING,
        REASON_TOO_LONG,
        DURATION_OUT_OF_BOUNDS,
        DURATION_NOT_FOR_THIS,
        IDENTITY_RESERVED,
        POD_MALFORMED,
        POD_UNKNOWN,
        POD_AMBIGUOUS,
        SERIAL_MALFORMED,
        SERIAL_UNKNOWN,
        SERIAL_AMBIGUOUS,
        ISSUER_MALFORMED,
        ISSUER_UNKNOWN,
        /** Too many certificates: the message names the intermediates to distrust instead. */
        REVOCATION_LIST_FULL,
        /** Somebody else's order stands, and is not replaced. */
        REVOKED_ALREADY,
        NOT_REVOKED
    }

    private final Reason reason;

    public RevocationRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
