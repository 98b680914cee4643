package dev.countersign.server.limits;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * Bounds the calls in flight and sheds the rest at once, without a queue: those that can wait find
 * the door shut first. Routine renewals may take 70 % of the places, expiring ones 90 %, first
 * certificates all of them.
 */
public final class AdmissionControl {
    private static final Duration URGENT_RETRY = Duration.ofSeconds(1);
    private static final Duration ROUTINE_RETRY = Duration.ofSeconds(10);

    private final int places;
    private final RandomGenerator random;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<Priority, LongAdder> shed = new EnumMap<>(Priority.class);

    /**
     * @param places calls in flight at most; 1 to 100 000
     * @param random spreads those who are told to come back
     */
    public AdmissionControl(int places, RandomGenerator random) {
        if (places < 1 || places > 100_000) {
            throw new IllegalArgumentException("places: " + places + " (expected: 1 to 100000)");
        }
        this.places = places;
        this.random = random;
        for (Priority priority : Priority.values()) {
            shed.put(priority, new LongAdder());
        }
    }

    /** A {@link Ticket} must be closed when the call ends. */
    public Admission enter(Priority priority) {
        int limit = limit(priority);
        while (true) {
            int seen = inFlight.get();
            if (seen >= limit) {
                counter(priority).increment();
                return new Shed(retryAfter(priority));
            }
            if (inFlight.compareAndSet(seen, seen + 1)) {
                return new Ticket(this);
            }
        }
    }

    public int inFlight() {
        return inFlight.get();
    }

    /** How many of this priority were shed so far: for metrics. */
    public long shed(Priority priority) {
        return counter(priority).sum();
    }

    private LongAdder counter(Priority priority) {
        return Objects.requireNonNull(shed.get(priority));
    }

    private int limit(Priority priority) {
        int percent =
                switch (priority) {
                    case ROUTINE -> 70;
                    case EXPIRING -> 90;
                    case FIRST -> 100;
                };
        return Math.max(1, (int) ((long) places * percent / 100));
    }

    /** Uniform in one to two times the base, so that those who were shed do not return as one. */
    private Duration retryAfter(Priority priority) {
        Duration base =
                switch (priority) {
                    case ROUTINE -> ROUTINE_RETRY;
                    case EXPIRING, FIRST -> URGENT_RETRY;
                };
        return base.plusMillis(random.nextLong(base.toMillis()));
    }

    /** Whether a call may go on. */
    public sealed interface Admission {}

    /**
     * It may not, now.
     *
     * @param retryAfter jittered
     */
    public record Shed(Duration retryAfter) implements Admission {}

    /** It may, and holds a place until {@link #close}. */
    public static final class Ticket implements Admission, AutoCloseable {
        private final AdmissionControl control;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Ticket(AdmissionControl control) {
            this.control = control;
        }

        /** Once is enough, twice does no harm. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                control.inFlight.decrementAndGet();
            }
        }
    }
}
