package dev.countersign.server.store;

import java.util.Optional;

/**
 * How the store is doing, for health and metrics.
 *
 * @param outage why nothing can be written at present; empty when all is well
 * @param waiting callers that wait for a commit
 * @param commits since start
 * @param entries log entries committed since start
 * @param dropped offered events that found the queue full since start
 */
public record StoreHealth(
        Optional<String> outage, int waiting, long commits, long entries, long dropped) {}
