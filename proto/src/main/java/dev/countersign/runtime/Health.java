package dev.countersign.runtime;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** How each part is, as it last said itself. Ready = none is down. Thread-safe. */
public final class Health {
    /** How one part is. */
    public sealed interface State {
        /** Works. */
        record Up() implements State {}

        /** Serves, and somebody should look. */
        record Degraded(String reason) implements State {}

        /** Does not serve. */
        record Down(String reason) implements State {}
    }

    private final Map<String, State> states = new ConcurrentHashMap<>();

    public void up(String part) {
        states.put(part, new State.Up());
    }

    public void degraded(String part, String reason) {
        states.put(part, new State.Degraded(reason));
    }

    public void down(String part, String reason) {
        states.put(part, new State.Down(reason));
    }

    public boolean ready() {
        return states.values().stream().noneMatch(State.Down.class::isInstance);
    }

    /** By name, sorted. */
    public Map<String, State> states() {
        return new TreeMap<>(states);
    }
}
