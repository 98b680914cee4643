package dev.countersign.agent.proxy.connection;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says when buffers hold more than they may, so that requests can be turned away before memory is
 * short. Asked for every request, so it looks only now and then. Thread-safe.
 */
public final class BufferPressure {
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

    private final LongSupplier held;
    private final long limit;
    private volatile long looked = System.nanoTime() - INTERVAL;
    private volatile boolean full;

    /**
     * @param held bytes in buffers now
     */
    public BufferPressure(LongSupplier held, long limit) {
        this.held = held;
        this.limit = limit;
    }

    /** What is full, for whoever is turned away; null when there is room. */
    public @Nullable String reason() {
        long now = System.nanoTime();
        if (now - looked >= INTERVAL) {
            looked = now;
            full = held.getAsLong() > limit;
        }
        return full ? "buffers" : null;
    }
}
