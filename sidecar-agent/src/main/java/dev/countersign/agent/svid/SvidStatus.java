package dev.countersign.agent.svid;

import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.Optional;

/**
 * Where the rotator stands, for health, status and metrics.
 *
 * @param held the certificate in use; empty before the first, and after an expiry without a renewal
 * @param waitingFor what the last failed try waited for; empty when the last try succeeded
 * @param failures tries that failed since the last success
 * @param rotations certificates taken into use by this process
 */
public record SvidStatus(
        Optional<Held> held, Optional<String> waitingFor, int failures, long rotations) {
    /**
     * @param id whose
     * @param serial lower-case hex
     * @param takenAt when this agent took it into use: its own start of the life, not backdated
     * @param notAfter end of the life
     * @param renewAt when the renewal is or was due
     * @param windowEnd end of the server's refresh window: later than this is late
     */
    public record Held(
            SpiffeId id,
            String serial,
            Instant takenAt,
            Instant notAfter,
            Instant renewAt,
            Instant windowEnd) {}
}
