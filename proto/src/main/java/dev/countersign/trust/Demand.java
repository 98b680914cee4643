package dev.countersign.trust;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Says once that something is in demand: when it was used often enough within a span of time. */
final class Demand {
    private final int uses;
    private final long span;
    private final LongSupplier nanos;
    private long begin;
    private int count;
    private boolean told;

    /**
     * @param uses at least 1
     * @param nanos as {@link System#nanoTime}
     */
    Demand(int uses, Duration span, LongSupplier nanos) {
        this.uses = uses;
        this.span = span.toNanos();
        this.nanos = nanos;
        this.begin = nanos.getAsLong();
    }

    /** Counts one use; true for exactly one use ever, the first that shows demand. */
    synchronized boolean noted() {
        if (told) {
            return false;
        }
        long now = nanos.getAsLong();
        if (now - begin > span) {
            begin = now;
            count = 0;
        }
        count++;
        told = count >= uses;
        return told;
    }
}
