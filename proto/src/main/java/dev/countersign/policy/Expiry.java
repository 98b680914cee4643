package dev.countersign.policy;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** When a policy ends, compared with a clock without making an object for each look at it. */
final class Expiry {

    private final Instant end;
    private final long endMillis;
    private final boolean wholeMillis;

    Expiry(Instant end) {
        this.end = end;
        this.endMillis = millis(end);
        this.wholeMillis = end.truncatedTo(ChronoUnit.MILLIS).equals(end);
    }

    /** Whether the end has come. */
    boolean hasPassed(InstantSource clock) {
        long now = clock.millis();
        if (now != endMillis || wholeMillis) {
            return now >= endMillis;
        }
        return !clock.instant().isBefore(end);
    }

    /** Rounded down; the ends of time where a long cannot hold it. */
    private static long millis(Instant end) {
        try {
            return end.toEpochMilli();
        } catch (ArithmeticException e) {
            return end.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
