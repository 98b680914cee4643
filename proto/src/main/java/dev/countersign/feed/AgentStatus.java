package dev.countersign.feed;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What an agent says of itself now and then.
 *
 * @param instanceId of the agent process
 * @param certificateSerial lower-case hex
 * @param clockOffset agent clock minus server clock, milliseconds
 * @param rotations certificates taken into use since the process started
 * @param rootUsage what verification has needed; empty = not counted, which is not zero
 */
public record AgentStatus(
        String instanceId,
        Instant certificateNotAfter,
        String certificateSerial,
        long openConnections,
        Duration clockOffset,
        long rotations,
        Optional<RootUsage> rootUsage) {}
