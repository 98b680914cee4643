package dev.countersign.server.keys;

/** A key store that cannot be read, written or used; message with value and expectation. */
public final class KeyVaultException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        KEY_EXISTS,
        KEY_UNKNOWN,
        KEY_FILE_CORRUPT,
        KEY_FILE_PERMISSIONS,
        WRONG_PASSPHRASE,
        /** This vault takes no keys from outside. */
        KEY_MADE_HERE_ONLY,
        /** Another kind of key than a vault keeps, or of another certificate. */
        KEY_KIND,
        UNAVAILABLE
    }

    private final Reason reason;

    public KeyVaultException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public KeyVaultException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
