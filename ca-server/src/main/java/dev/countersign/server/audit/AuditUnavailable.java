package dev.countersign.server.audit;

/** The log cannot be written now: nothing may be signed. */
public final class AuditUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    public AuditUnavailable(String message, Throwable cause) {
        super(message, cause);
    }

    public AuditUnavailable(String message) {
        super(message);
    }
}
