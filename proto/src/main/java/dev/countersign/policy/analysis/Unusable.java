package dev.countersign.policy.analysis;

/** A field that cannot be evaluated: what becomes of its rule depends on the action. */
final class Unusable extends Exception {

    private static final long serialVersionUID = 1;

    Unusable(String message) {
        super(message);
    }
}
