package dev.countersign.server.store;

/** The server does not start on this store; the message says what was found and expected. */
public final class StoreRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    StoreRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    StoreRefused(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** Stable names: they are printed at start. */
    public enum Reason {
        /** The URL names no database that is supported. */
        STORE_UNSUPPORTED,
        /** No connection: address, credentials, or directory. */
        STORE_UNREACHABLE,
        /** Another server works on the same SQLite file. */
        STORE_IN_USE,
        /** What is committed would not survive power loss. */
        STORE_NOT_DURABLE,
        /** The file is damaged, or no database at all. */
        STORE_CORRUPT,
        /** The tables were made by another version, or changed by hand. */
        STORE_SCHEMA
    }
}
