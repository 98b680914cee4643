package dev.countersign.server.authority.rotation;

/** Where a rotation stands. Names are stable: they are stored, logged and shown. */
public enum Phase {
    /** Nothing rotates. */
    STABLE,
    /** The successor is being made; nobody knows it yet. */
    PREPARED,
    /** Verifiers are taught to trust both; the old one signs. */
    DISTRIBUTING,
    /** The new root signs for some. */
    CANARY,
    /** The new one signs; replicas that have not noticed are waited for. */
    ACTIVE,
    /** Leaves and connections under the old root come to their end. */
    DRAINING,
    /** The old one is no longer trusted; whether somebody misses it is watched. */
    RETIRING
}
