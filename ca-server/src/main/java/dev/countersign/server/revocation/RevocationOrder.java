package dev.countersign.server.revocation;

import dev.countersign.identity.SpiffeId;
import java.time.Duration;
import java.util.Optional;

/**
 * What an operator asks for, not yet looked up.
 *
 * @param subject who or what
 * @param reason why, for people; 1 to {@link #MAX_REASON} characters
 * @param by who asks
 * @param duration for how long; empty = until it is taken back
 */
public record RevocationOrder(
        Subject subject, String reason, String by, Optional<Duration> duration) {
    public static final int MAX_REASON = 512;

    /** As people name it. */
    public sealed interface Subject {}

    public record Identity(SpiffeId id) implements Subject {}

    /** A pod's UID, or {@code namespace/name}. */
    public record Pod(String text) implements Subject {}

    /** A serial, or {@code issuer key id/serial}; lower-case hex. */
    public record Serial(String text) implements Subject {}

    /** An intermediate's key id, lower-case hex. */
    public record Issuer(String keyId) implements Subject {}
}
