package dev.countersign.feed;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SequencedCollection;
import java.util.TreeMap;
import java.util.function.Function;

/** Lists in the order of their keys, each key once; and what changed between two of them. */
final class Keyed {
    private Keyed() {}

    /**
     * @throws IllegalArgumentException when a key comes twice
     */
    static <T> List<T> sorted(String what, Collection<T> values, Function<T, String> key) {
        if (values.size() < 2) {
            return List.copyOf(values);
        }
        TreeMap<String, T> byKey = new TreeMap<>();
        for (T value : values) {
            if (byKey.put(key.apply(value), value) != null) {
                throw new IllegalArgumentException(
                        what + ": " + key.apply(value) + " comes twice (expected: once)");
            }
        }
        return List.copyOf(byKey.values());
    }

    /** What {@code after} holds and {@code before} does not, or holds otherwise. */
    static <T> List<T> upserted(List<T> before, List<T> after, Function<T, String> key) {
        if (before.equals(after)) {
            return List.of();
        }
        Map<String, T> known = byKey(before, key);
        return after.stream().filter(value -> !value.equals(known.get(key.apply(value)))).toList();
    }

    /** Keys that {@code before} has and {@code after} has not. */
    static <T> List<String> removed(List<T> before, List<T> after, Function<T, String> key) {
        if (before.equals(after)) {
            return List.of();
        }
        Map<String, T> left = byKey(after, key);
        return before.stream().map(key).filter(name -> !left.containsKey(name)).toList();
    }

    static <T> List<T> applied(
            List<T> before,
            List<T> upserted,
            SequencedCollection<String> removed,
            Function<T, String> key) {
        Map<String, T> result = byKey(before, key);
        for (String name : removed) {
            if (result.remove(name) == null) {
                throw new IllegalArgumentException(
                        "removed: " + name + " (expected: a key that is held)");
            }
        }
        upserted.forEach(value -> result.put(key.apply(value), value));
        return new ArrayList<>(result.values());
    }

    private static <T> Map<String, T> byKey(List<T> values, Function<T, String> key) {
        Map<String, T> byKey = new TreeMap<>();
        values.forEach(value -> byKey.put(key.apply(value), value));
        return byKey;
    }
}
