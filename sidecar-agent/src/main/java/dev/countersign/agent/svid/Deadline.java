package dev.countersign.agent.svid;

import java.time.Duration;
import java.time.Instant;

/**
 * A moment by two clocks: passed when either says so. The wall clock notices a machine that slept or
 * a clock set forward; the monotonic one a clock set back, which must not put a renewal off.
 *
 * @param at by the wall clock
 * @param startNanos the monotonic clock when this was set
 * @param delay by the monotonic clock
 */
record Deadline(Instant at, long startNanos, Duration delay) {
    static Deadline in(Duration wait, Instant now, long nanos) {
        return new Deadline(now.plus(wait), nanos, wait);
    }

    static Deadline at(Instant at, Instant now, long nanos) {
        Duration wait = Duration.between(now, at);
        return new Deadline(at, nanos, wait.isNegative() ? Duration.ZERO : wait);
    }

    /** Zero or less when passed. */
    Duration left(Instant now, long nanos) {
        Duration byWall = Duration.between(now, at);
        Duration byTicks = delay.minusNanos(nanos - startNanos);
        return byWall.compareTo(byTicks) <= 0 ? byWall : byTicks;
    }

    boolean passed(Instant now, long nanos) {
        return !left(now, nanos).isPositive();
    }
}
