package dev.countersign.server.limits;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One token bucket in one number: the time at which it will be full again (the generic cell rate
 * algorithm). Safe for many threads, never blocks.
 */
final class Meter {
    private final AtomicLong fullAt;

    /** Full at {@code now}. */
    Meter(long now) {
        this.fullAt = new AtomicLong(now);
    }

    /**
     * Takes one.
     *
     * @return 0 when it was there; otherwise nanoseconds until it will be
     */
    long take(long interval, long tolerance, long now) {
        while (true) {
            long seen = fullAt.get();
            long base = seen - now > 0 ? seen : now; // subtraction: nanoTime may wrap
            long ahead = base - now;
            if (ahead > tolerance) {
                return ahead - tolerance;
            }
            if (fullAt.compareAndSet(seen, base + interval)) {
                return 0;
            }
        }
    }

    /** Puts one back that was taken and not used. */
    void giveBack(long interval) {
        fullAt.addAndGet(-interval);
    }

    /** Nothing is lost by forgetting a full one. */
    boolean isFull(long now) {
        return fullAt.get() - now <= 0;
    }
}
