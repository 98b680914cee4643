package dev.countersign.policy;

/** Which kind of enforcement point reads the policies. */
public enum DataPlane {
    /** A proxy beside one workload that sees HTTP. */
    SIDECAR,
    /**
     * Istio's per-node L4 proxy: sees no HTTP, knows no CUSTOM and no AUDIT, expands no trust
     * domain aliases. Here to predict what it would do; this project's agents are sidecars.
     */
    ZTUNNEL
}
