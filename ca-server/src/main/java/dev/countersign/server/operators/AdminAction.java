package dev.countersign.server.operators;

/**
 * What can be done through the admin service. Names are stable: they stand in refusals and the log.
 */
public enum AdminAction {
    /** Health, agents, policies in force, the bootstrap file. */
    READ_STATE(false),
    /** Which certificates were issued. */
    READ_CERTIFICATES(false),
    /** Who calls whom, and who was denied what: paths and addresses of requests. */
    READ_TRAFFIC(false),
    /** The entries of the log. */
    READ_LOG(false),
    /** Walks the whole log, which costs the server time. */
    VERIFY_LOG(false),
    /** Denies who was certified, and takes that back. */
    REVOKE(true),
    /** Hands in an approval; it counts by the signature of the operator's own key. */
    APPROVE_STEP(true),
    /** Rotates and distrusts roots, destroys their keys, and leaves verifiers out. */
    ROTATE_ROOTS(true),
    /** Issues an operator's certificate. */
    ISSUE_OPERATOR(true);

    private final boolean change;

    AdminAction(boolean change) {
        this.change = change;
    }

    /** Whether something is different afterwards: then the log knows of it before it happens. */
    public boolean isChange() {
        return change;
    }
}
