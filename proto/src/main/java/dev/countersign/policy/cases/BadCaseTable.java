package dev.countersign.policy.cases;

/** A table of cases cannot be used; the message says where and why. */
public final class BadCaseTable extends Exception {

    private static final long serialVersionUID = 1;

    /** With where and why. */
    public BadCaseTable(String message) {
        super(message);
    }
}
