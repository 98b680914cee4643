package dev.countersign.server.limits;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bucket for each key, of one rate. When there are as many keys as may be kept, full buckets are
 * forgotten; when none is full, the keys that come on top share a single bucket: the newcomers of a
 * flood slow each other down, and nobody who was known before.
 */
final class Meters<K> {
    /** A flood of new keys must not buy a scan of the map with each of them. */
    private static final long SWEEP_EVERY = 100_000_000L;

    private final int maxKeys;
    private final LongSupplier nanoClock;
    private final long interval;
    private final long tolerance;
    private final ConcurrentMap<K, Meter> meters = new ConcurrentHashMap<>();
    private final Meter overflow;
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile long sweptAt;

    Meters(Rate rate, int maxKeys, LongSupplier nanoClock) {
        this.maxKeys = maxKeys;
        this.nanoClock = nanoClock;
        this.interval = rate.interval();
        this.tolerance = rate.tolerance();
        this.overflow = new Meter(nanoClock.getAsLong());
        this.sweptAt = nanoClock.getAsLong() - SWEEP_EVERY;
    }

    /**
     * @return 0 when granted; otherwise nanoseconds to wait
     */
    long take(K key) {
        long now = nanoClock.getAsLong();
        return meter(key, now).take(interval, tolerance, now);
    }

    void giveBack(K key) {
        @Nullable Meter meter = meters.get(key);
        if (meter != null) {
            meter.giveBack(interval);
        }
    }

    int size() {
        return meters.size();
    }

    private Meter meter(K key, long now) {
        @Nullable Meter known = meters.get(key);
        if (known != null) {
            return known;
        }
        if (meters.size() >= maxKeys) {
            sweep(now);
            if (meters.size() >= maxKeys) {
                return overflow;
            }
        }
        return meters.computeIfAbsent(key, added -> new Meter(now));
    }

    private void sweep(long now) {
        boolean due = now - sweptAt >= SWEEP_EVERY;
        if (due && sweeping.compareAndSet(false, true)) {
            try {
                sweptAt = now;
                meters.values().removeIf(meter -> meter.isFull(now));
            } finally {
                sweeping.set(false);
            }
        }
    }
}
