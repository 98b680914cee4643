package dev.countersign.server.attestation.serviceaccount;

/** The keys cannot be had, or are not ones to use. The message says why, for logs and health. */
public final class JwksUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    private final String message;

    public JwksUnavailable(String message) {
        super(message, null, false, false);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
