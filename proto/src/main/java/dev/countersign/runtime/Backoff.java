package dev.countersign.runtime;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When to try again: exponential between a floor and a ceiling, each wait drawn from its upper half,
 * so that many who fail together do not come back together. Not thread-safe.
 */
public final class Backoff {
    private final Duration floor;
    private final Duration ceiling;
    private final RandomGenerator random;
    private int attempts;

    /** {@code floor} of at least 1 ms, {@code ceiling} not below it. */
    public Backoff(Duration floor, Duration ceiling, RandomGenerator random) {
        if (floor.toMillis() < 1 || ceiling.compareTo(floor) < 0) {
            throw new IllegalArgumentException(
                    "floor: " + floor + " (expected: 1ms.." + ceiling + ")");
        }
        this.floor = floor;
        this.ceiling = ceiling;
        this.random = random;
    }

    /** The next wait. */
    public Duration next() {
        long full = floor.toMillis();
        for (int i = 0; i < attempts && full < ceiling.toMillis(); i++) {
            full *= 2;
        }
        full = Math.min(full, ceiling.toMillis());
        attempts++;
        long half = Math.max(1, full / 2);
        return Duration.ofMillis(half + random.nextLong(half + 1));
    }

    /** It worked: the next failure starts from the floor. */
    public void reset() {
        attempts = 0;
    }
}
