package dev.countersign.server.attestation;

/** The caller is not believed, or cannot be checked now. The message never holds the token. */
public final class AttestationRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes: they are logged, counted and sent to the caller. */
    public enum Reason {
        TOKEN_MISSING,
        TOKEN_TOO_LARGE,
        TOKEN_MALFORMED,
        TOKEN_DUPLICATE_CLAIM,
        TOKEN_ALGORITHM,
        TOKEN_UNKNOWN_KEY,
        TOKEN_BAD_SIGNATURE,
        TOKEN_WRONG_ISSUER,
        TOKEN_WRONG_AUDIENCE,
        TOKEN_EXPIRED,
        TOKEN_NOT_YET_VALID,
        TOKEN_LIVES_TOO_LONG,
        TOKEN_LEGACY,
        TOKEN_NOT_BOUND_TO_POD,
        TOKEN_ODD_NAME,
        TOKEN_SUBJECT_MISMATCH,
        TOKEN_ACCOUNT_UID_MISSING,
        TOKEN_CRITICAL_HEADER,
        /** The keys to check it with cannot be had now. */
        ISSUER_KEYS_UNAVAILABLE,
        RENEWAL_OTHER_IDENTITY,
        RENEWAL_WITHOUT_TOKEN_TOO_LONG,
        RENEWAL_NOT_KNOWN,
        CALLER_ADDRESS,
        /** The API server is asked before this workload is believed, and cannot be now. */
        KUBERNETES_UNAVAILABLE,
        /** The API server does not believe the token. */
        TOKEN_REVIEW_REFUSED,
        /** The API server believes the token, for other audiences than ours. */
        TOKEN_REVIEW_AUDIENCE,
        /** The API server believes the token to be somebody else's. */
        TOKEN_REVIEW_MISMATCH,
        /** The pod directory is complete and does not have it. */
        POD_UNKNOWN,
        POD_DELETING,
        POD_MISMATCH
    }

    private final Reason reason;
    private final String message;

    public AttestationRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }

    public Reason reason() {
        return reason;
    }

    /** Whether the same call may succeed later without a change by the caller. */
    public boolean isTransient() {
        return reason == Reason.ISSUER_KEYS_UNAVAILABLE || reason == Reason.KUBERNETES_UNAVAILABLE;
    }
}
