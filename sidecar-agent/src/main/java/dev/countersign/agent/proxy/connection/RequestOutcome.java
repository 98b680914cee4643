package dev.countersign.agent.proxy.connection;

/** How a request or a TCP connection ended for the caller; a metrics label. */
public enum RequestOutcome {
    /** Passed on and answered by the other side. */
    FORWARDED,
    /** Policy said no. */
    DENIED,
    /** Not a request that may be passed on: malformed, or forbidden syntax. */
    REFUSED,
    /** The other side could not be reached or broke off. */
    FAILED,
    /** The caller went away before it had its answer. */
    CANCELLED
}
