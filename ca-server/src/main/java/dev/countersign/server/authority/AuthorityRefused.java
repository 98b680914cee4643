package dev.countersign.server.authority;

import org.jspecify.annotations.Nullable;

/**
 * The authority does not do what was asked of it, because doing it would be wrong. Message: value
 * and expectation.
 */
public final class AuthorityRefused extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Stable codes: they are logged and shown at start. */
    public enum Reason {
        /** The journal names a root whose key the vault does not have. */
        ROOT_KEY_MISSING,
        /** The vault's key is not the key of any root in force. */
        ROOT_KEY_MISMATCH,
        /** The first root is to be brought in, and nobody has yet. */
        ROOT_NOT_IMPORTED,
        ROOT_NOT_YET_VALID,
        ROOT_EXPIRED,
        BUNDLE_KEY_MISSING,
        BUNDLE_KEY_MISMATCH,
        /** What the journal holds contradicts itself or its signature. */
        JOURNAL_CORRUPT,
        /** The journal's epoch is lower than one already in force here. */
        JOURNAL_WENT_BACK,
        /** Another trust domain than configured. */
        JOURNAL_OTHER_TRUST_DOMAIN,
        /** Others kept changing the journal meanwhile. */
        JOURNAL_CONTENDED,
        JOURNAL_UNAVAILABLE,
        AUDIT_UNAVAILABLE,
        KEY_UNAVAILABLE,
        /** Upstream has signed no intermediate. */
        UPSTREAM_UNAVAILABLE,
        /** A signing certificate of ours broke a rule of ours. */
        CERTIFICATE_REFUSED,
        ISSUER_UNKNOWN,
        ISSUER_NOT_YET_VALID,
        ISSUER_EXPIRED,
        /** The issuer's root signs nothing any more. */
        ISSUER_RETIRED,
        /** What the journal says was not confirmed for too long: another phase may have begun. */
        PHASE_STALE,
        /** The plan's validity is not within its issuer's. */
        OUTSIDE_ISSUER_VALIDITY
    }

    private final Reason reason;

    public AuthorityRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public AuthorityRefused(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
