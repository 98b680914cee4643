package dev.countersign.policy;

/** What happens to a request when no ALLOW policy applies to the workload. */
public enum DefaultAction {
    ALLOW,
    DENY
}
