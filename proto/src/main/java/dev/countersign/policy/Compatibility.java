package dev.countersign.policy;

/** How policies of Istio's group are read; policies of our own group are always read strictly. */
public enum Compatibility {
    /** Strictly, as our own: fail-open quirks deny. */
    COUNTERSIGN,
    /** As Istio documents them, quirks included. */
    ISTIO
}
