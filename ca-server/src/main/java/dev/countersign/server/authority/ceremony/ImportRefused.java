package dev.countersign.server.authority.ceremony;

import org.jspecify.annotations.Nullable;

/** What was brought in will not do. Message: value and expectation. */
public final class ImportRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        /** No PEM certificates, too many of them, or other bytes between. */
        IMPORT_MALFORMED,
        /** Not issuer before root, each signed by the next. */
        IMPORT_CHAIN_ORDER,
        /** Agents would not believe it; the message has the verifier's own refusal. */
        IMPORT_NOT_BELIEVED,
        /** A known root has this key. */
        IMPORT_KEY_KNOWN,
        /** A known root has this subject. */
        IMPORT_SUBJECT_KNOWN,
        IMPORT_NOT_YET_VALID,
        IMPORT_EXPIRED,
        IMPORT_LIFE_TOO_SHORT,
        /** Longer than the configuration lets an issuer live. */
        IMPORT_LIFE_TOO_LONG,
        IMPORT_OUTLIVES_ISSUER,
        /** Too few signing certificates may follow below it. */
        IMPORT_PATH_LENGTH,
        /** The certificate is of another key than the one in the vault. */
        IMPORT_KEY_MISMATCH,
        /** Its key is none that a vault keeps. */
        IMPORT_KEY_KIND,
        /** It has no subject key identifier: nothing below it could name it. */
        IMPORT_NO_KEY_ID,
        /** A rotation runs, or a further root is there already. */
        IMPORT_NOT_NOW,
        /** There is an authority already. */
        IMPORT_NOT_FIRST,
        /** The file with the key does not open. */
        IMPORT_PASSPHRASE
    }

    private final Reason reason;

    public ImportRefused(Reason reason, String message) {
        this(reason, message, null);
    }

    public ImportRefused(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
