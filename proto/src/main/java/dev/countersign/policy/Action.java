package dev.countersign.policy;

/** What a policy does with the requests it matches. */
public enum Action {
    /** Lets matching requests in, and shuts out what no ALLOW policy of the workload matches. */
    ALLOW,
    /** Refuses matching requests, whatever allows them. */
    DENY,
    /** Marks matching requests; decides nothing. */
    AUDIT,
    /** Asks an external authorizer about matching requests, before DENY and ALLOW. */
    CUSTOM
}
