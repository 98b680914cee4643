package dev.countersign.server.issuance;

import java.time.Duration;

/**
 * How certificates of a namespace are made.
 *
 * @param life from issuance to notAfter; 5 min to 24 h, shorter only with {@code unsafe.shortLives}
 * @param backdate how far notBefore lies in the past, against clocks that lag
 * @param minimumLife a certificate that its issuer's end would cut below this is refused
 * @param serviceNames whether certificates carry the DNS names of Services that select the pod
 */
public record IssuanceProfile(
        Duration life, Duration backdate, Duration minimumLife, boolean serviceNames) {
    public static final Duration DEFAULT_LIFE = Duration.ofHours(1);
    public static final Duration SHORTEST_LIFE = Duration.ofMinutes(5);
    public static final Duration LONGEST_LIFE = Duration.ofHours(24);
    public static final Duration BACKDATE = Duration.ofMinutes(5);

    public IssuanceProfile {
        if (life.compareTo(LONGEST_LIFE) > 0 || life.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("life: " + life + " (expected: 1s..24h)");
        }
        if (minimumLife.compareTo(life) > 0) {
            throw new IllegalArgumentException(
                    "minimumLife: " + minimumLife + " (expected: <= " + life + ")");
        }
    }

    /** A profile of this life; never cut below a fifth of it. */
    public static IssuanceProfile ofLife(Duration life) {
        return new IssuanceProfile(life, BACKDATE, life.dividedBy(5), false);
    }

    /** The same, with or without DNS names. */
    public IssuanceProfile withServiceNames(boolean names) {
        return new IssuanceProfile(life, backdate, minimumLife, names);
    }
}
