package dev.countersign.policy.analysis.text;

/** A question that would take more room than is given to one: its answer stays unknown. */
public final class TooLarge extends RuntimeException {

    private static final long serialVersionUID = 1;

    public TooLarge(String message) {
        super(message);
    }
}
