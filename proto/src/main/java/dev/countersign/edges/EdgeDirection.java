package dev.countersign.edges;

/** Which side of an edge its reporter is. */
public enum EdgeDirection {
    /** The reporter is the destination: it decided. */
    INBOUND,
    /** The reporter is the source. */
    OUTBOUND
}
