package dev.countersign.server.operators;

/** Who somebody is, or what that one may do, cannot be found out now. */
public final class AccessUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    private final String message;

    public AccessUnavailable(String message) {
        super(message, null, false, false);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
