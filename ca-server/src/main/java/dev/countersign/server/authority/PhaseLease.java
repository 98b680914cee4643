package dev.countersign.server.authority;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long this process may act by what it last read of the journal. By a monotonic clock that goes on
 * while the process is stopped, so one that was paused across a phase change finds it run out.
 */
final class PhaseLease {
    private final long nanos;
    private final LongSupplier clock;
    private volatile long confirmedAt;

    /**
     * @param clock nanoseconds
     */
    PhaseLease(Duration length, LongSupplier clock) {
        this.nanos = length.toNanos();
        this.clock = clock;
        this.confirmedAt = clock.getAsLong() - nanos;
    }

    /** To be read before the journal is asked. */
    long now() {
        return clock.getAsLong();
    }

    /**
     * What is known was so at a moment not before {@code asked}.
     *
     * @param asked from {@link #now}
     */
    void confirmed(long asked) {
        confirmedAt = asked;
    }

    boolean holds() {
        return clock.getAsLong() - confirmedAt < nanos;
    }
}
