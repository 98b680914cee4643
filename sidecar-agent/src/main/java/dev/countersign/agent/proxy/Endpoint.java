package dev.countersign.agent.proxy;

import dev.countersign.agent.directory.Place;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * One place and what is known of it here: work under way, failures, kept connections. Shared by all
 * loops; a pool belongs to one.
 */
final class Endpoint {
    private static final long FIRST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_BACK_OFF = TimeUnit.SECONDS.toNanos(30);
    private static final int MAX_DOUBLINGS = 6;

    /** Of a back-off: so that agents that saw one failure do not come back together. */
    private static final double JITTER = 0.2;

    private final Place place;
    private final Connector connector;
    private final Shared shared;
    private final RandomGenerator random;
    private final Map<EventLoop, UpstreamPool> pools = new ConcurrentHashMap<>();
    private final Map<EventLoop, Http2Pool> http2Pools = new ConcurrentHashMap<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile long failedUntil;

    Endpoint(Place place, Connector connector, Shared shared, RandomGenerator random) {
        this.place = place;
        this.connector = connector;
        this.shared = shared;
        this.random = random;
    }

    Place place() {
        return place;
    }

    Connector connector() {
        return connector;
    }

    UpstreamPool pool(EventLoop loop) {
        return pools.computeIfAbsent(loop, any -> new UpstreamPool(shared, connector, loop));
    }

    Http2Pool http2(EventLoop loop) {
        return http2Pools.computeIfAbsent(loop, any -> Http2Pool.towards(shared, connector, loop));
    }

    /** Requests and streams that it serves now; those over HTTP/2 count by connection. */
    int active() {
        return active.get();
    }

    void begun() {
        active.incrementAndGet();
    }

    void ended() {
        active.decrementAndGet();
    }

    /** Whether it failed lately, so that others are tried first. */
    boolean failing(long nanoTime) {
        return failures.get() > 0 && nanoTime - failedUntil < 0;
    }

    /** {@link System#nanoTime()} at which it may be tried again. */
    long failedUntil() {
        return failedUntil;
    }

    void failed(long nanoTime) {
        int before = Math.min(failures.getAndIncrement(), MAX_DOUBLINGS);
        long wait = Math.min(FIRST_BACK_OFF << before, LONGEST_BACK_OFF);
        failedUntil = nanoTime + (long) (wait * (1 - JITTER * random.nextDouble()));
    }

    void succeeded() {
        failures.set(0);
    }

    /** A new identity: unused connections of the old one are closed. */
    void retireOld() {
        pools.forEach((loop, pool) -> loop.execute(pool::retireOld));
        http2Pools.forEach((loop, pool) -> loop.execute(pool::retireOld));
    }

    void close() {
        pools.forEach((loop, pool) -> loop.execute(pool::close));
        http2Pools.forEach((loop, pool) -> loop.execute(pool::close));
    }
}
