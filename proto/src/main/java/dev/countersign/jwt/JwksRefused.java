package dev.countersign.jwt;

/** A set of keys is not accepted as a whole. The message says why and repeats no key. */
public final class JwksRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final String message;

    JwksRefused(String message) {
        super(message, null, false, false);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
