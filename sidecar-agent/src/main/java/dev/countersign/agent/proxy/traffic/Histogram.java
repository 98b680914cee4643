package dev.countersign.agent.proxy.traffic;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts of values by upper bound. Recording takes no lock and makes no garbage. */
final class Histogram {
    /** Istio's buckets, in microseconds: half a millisecond to an hour. */
    static final long[] MICROS = {
        500,
        1_000,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        30_000_000,
        60_000_000,
        300_000_000,
        600_000_000,
        1_800_000_000,
        3_600_000_000L
    };

    /** A hundred bytes to a gigabyte. */
    static final long[] BYTES = {
        100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000
    };

    private final long[] bounds;
    private final AtomicLongArray counts;
    private final LongAdder sum = new LongAdder();

    /** {@code bounds}: upper and inclusive, rising; not to be changed. */
    Histogram(long[] bounds) {
        this.bounds = bounds;
        this.counts = new AtomicLongArray(bounds.length + 1);
    }

    void record(long value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        counts.getAndIncrement(bucket);
        sum.add(value);
    }

    long sum() {
        return sum.sum();
    }

    /** How many were recorded between the bound before and this one; the last is without a bound. */
    long count(int bucket) {
        return counts.get(bucket);
    }

    long[] bounds() {
        return bounds;
    }
}
