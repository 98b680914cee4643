package dev.countersign.agent.proxy;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** One duration for each {@link Timeout}. Immutable. */
public final class Timeouts {
    private final Map<Timeout, Duration> values;

    private Timeouts(Map<Timeout, Duration> values) {
        this.values = values;
    }

    /** Each as {@code chosen} says. */
    public static Timeouts of(Function<Timeout, Duration> chosen) {
        Map<Timeout, Duration> values = new EnumMap<>(Timeout.class);
        for (Timeout each : Timeout.values()) {
            Duration value = chosen.apply(each);
            if (!value.isPositive()) {
                throw new IllegalArgumentException(each + ": " + value + " (expected: > PT0S)");
            }
            values.put(each, value);
        }
        return new Timeouts(values);
    }

    public static Timeouts defaults() {
        return of(Timeout::standard);
    }

    public Duration of(Timeout which) {
        return Objects.requireNonNull(values.get(which), "every one is there");
    }

    /** The same, but for one of them. */
    public Timeouts with(Timeout which, Duration value) {
        return of(each -> each == which ? value : of(each));
    }
}
