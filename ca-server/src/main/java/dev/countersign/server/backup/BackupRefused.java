package dev.countersign.server.backup;

import org.jspecify.annotations.Nullable;

/** A backup is not made or not restored. Message: value and expectation. */
public final class BackupRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes. */
    public enum Reason {
        /** There is no authority yet, so nothing to keep. */
        BACKUP_NOTHING,
        /** No archive of ours, or of a newer version. */
        BACKUP_MALFORMED,
        /** An entry is not what the manifest says. */
        BACKUP_DAMAGED,
        /** Keys and records in it do not fit together, or do not sign. */
        BACKUP_NOT_PROVEN,
        BACKUP_OTHER_TRUST_DOMAIN,
        /** It was made of another kind of database or key store than is configured. */
        BACKUP_OTHER_STORE,
        /** Something here has seen a later epoch than it holds. */
        BACKUP_STALE,
        /** The file is there already. */
        BACKUP_EXISTS,
        BACKUP_UNREADABLE
    }

    private final Reason reason;

    public BackupRefused(Reason reason, String message) {
        this(reason, message, null);
    }

    public BackupRefused(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
