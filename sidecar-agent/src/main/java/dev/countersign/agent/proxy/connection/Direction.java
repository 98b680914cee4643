package dev.countersign.agent.proxy.connection;

/** Which way a connection goes, seen from the workload. */
public enum Direction {
    INBOUND,
    OUTBOUND
}
