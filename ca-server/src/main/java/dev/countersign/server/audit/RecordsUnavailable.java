package dev.countersign.server.audit;

/**
 * Records cannot be read or written now: an outage, to be answered with UNAVAILABLE. Thrown by the
 * ports whose methods declare nothing.
 */
public final class RecordsUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RecordsUnavailable(String message, Throwable cause) {
        super(message, cause);
    }

    public RecordsUnavailable(String message) {
        super(message);
    }
}
