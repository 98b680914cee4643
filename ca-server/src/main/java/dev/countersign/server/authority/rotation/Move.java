package dev.countersign.server.authority.rotation;

/** What the executor does next. */
public enum Move {
    /** Make the successor. */
    MAKE,
    DISTRIBUTE,
    CANARY,
    ACTIVATE,
    DRAIN,
    RETIRE,
    FINISH,
    /** The old one out of the bundle at once. */
    DISTRUST
}
