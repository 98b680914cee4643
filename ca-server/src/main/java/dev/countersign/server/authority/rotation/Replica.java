package dev.countersign.server.authority.rotation;

import java.time.Duration;

/**
 * A server process that issues.
 *
 * @param id of the process
 * @param silent since it last said that it is there, by the database's clock
 * @param epoch it signs under
 */
public record Replica(String id, Duration silent, long epoch) {}
