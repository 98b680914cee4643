package dev.countersign.server.attestation.kubernetes;

/** The API server cannot be asked now: away, slow, throttling, or it does not let us ask. */
public final class ClusterUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    private final String message;

    public ClusterUnavailable(String message) {
        super(message, null, false, false);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
