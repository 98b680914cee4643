package dev.countersign.policy;

/** Whether a policy takes part in decisions. */
public enum PolicyMode {
    ENFORCE,
    /** Evaluated beside the decision, never part of it. */
    DRY_RUN
}
