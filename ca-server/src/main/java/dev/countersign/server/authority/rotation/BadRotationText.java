package dev.countersign.server.authority.rotation;

/** A stored state that cannot be read. Message: value and expectation. */
public final class BadRotationText extends Exception {
    private static final long serialVersionUID = 1L;

    BadRotationText(String message) {
        super(message, null, false, false);
    }
}
