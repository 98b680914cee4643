package dev.countersign.server.attestation.serviceaccount;

import java.time.Duration;

/**
 * How keys are kept.
 *
 * @param refreshEvery the document is looked at again when it was last looked at this long ago
 * @param floor least time between two looks, whatever callers ask for
 * @param maxAge keys last confirmed longer ago are not used any more
 * @param unknownFor how long a key id that the issuer does not have is not asked for again
 * @param maxKeys most keys of a document; 1 to 1000
 */
public record JwksSettings(
        Duration refreshEvery, Duration floor, Duration maxAge, Duration unknownFor, int maxKeys) {
    private static final int MOST_KEYS = 1000;

    public JwksSettings {
        if (floor.isNegative() || refreshEvery.compareTo(floor) < 0) {
            throw new IllegalArgumentException(
                    "refreshEvery: " + refreshEvery + " (expected: >= floor " + floor + ")");
        }
        if (maxAge.compareTo(refreshEvery) <= 0) {
            throw new IllegalArgumentException(
                    "maxAge: " + maxAge + " (expected: > refreshEvery " + refreshEvery + ")");
        }
        if (unknownFor.isNegative()) {
            throw new IllegalArgumentException(
                    "unknownFor: " + unknownFor + " (expected: >= PT0S)");
        }
        if (maxKeys < 1 || maxKeys > MOST_KEYS) {
            throw new IllegalArgumentException(
                    "maxKeys: " + maxKeys + " (expected: 1 to " + MOST_KEYS + ")");
        }
    }

    /** A file costs one {@code stat} to look at. */
    public static JwksSettings forFile() {
        return new JwksSettings(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofHours(24),
                Duration.ofSeconds(5),
                100);
    }

    /** Kind to the issuer, and quick enough for a key that is published before it signs. */
    public static JwksSettings forUrl() {
        return new JwksSettings(
                Duration.ofMinutes(5),
                Duration.ofSeconds(10),
                Duration.ofHours(24),
                Duration.ofSeconds(30),
                100);
    }
}
