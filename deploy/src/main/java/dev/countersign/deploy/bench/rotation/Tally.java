package dev.countersign.deploy.bench.rotation;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;

/** What callers were told. */
final class Tally {
    private static final String GOOD = "HTTP/1.1 200";

    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final LongAccumulator slowest = new LongAccumulator(Math::max, 0);
    private final Map<String, AtomicLong> failures = new ConcurrentHashMap<>();

    void answered(String status, long nanos) {
        asked.incrementAndGet();
        slowest.accumulate(nanos);
        if (!status.startsWith(GOOD)) {
            failed.incrementAndGet();
            failures.computeIfAbsent(status, _ -> new AtomicLong()).incrementAndGet();
        }
    }

    long asked() {
        return asked.get();
    }

    long failed() {
        return failed.get();
    }

    /** Counts from here. */
    void begin() {
        asked.set(0);
        failed.set(0);
        failures.clear();
        slowest.reset();
    }

    /** Since the last time it was asked. */
    double slowestMillis() {
        return slowest.getThenReset() / 1e6;
    }

    /** Why, and how often. */
    Map<String, AtomicLong> failures() {
        return new TreeMap<>(failures);
    }
}
