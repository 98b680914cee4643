package dev.countersign.policy.analysis.region;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The requests whose every dimension has one of the values named for it. Never empty. */
public final class Box {

    /** Every request. */
    public static final Box EVERYTHING = new Box(new TreeMap<>(Dimension.ORDER));

    private final SortedMap<Dimension, ValueSet> sets;

    private Box(SortedMap<Dimension, ValueSet> sets) {
        this.sets = sets;
    }

    /** The requests with one of these values; null where there is no value. */
    public static @Nullable Box of(Dimension dimension, ValueSet values) {
        return EVERYTHING.with(dimension, values);
    }

    /** The dimensions that are constrained, in their order; the others may have any value. */
    public Map<Dimension, ValueSet> sets() {
        return Collections.unmodifiableMap(sets);
    }

    /** The values of a dimension, or null where it is not constrained. */
    public @Nullable ValueSet get(Dimension dimension) {
        return sets.get(dimension);
    }

    /** Those of its requests that have one of these values; null if that is none. */
    public @Nullable Box with(Dimension dimension, ValueSet values) {
        ValueSet own = sets.get(dimension);
        ValueSet both = own == null ? values : own.and(values);
        return both.isEmpty() ? null : replacing(dimension, both);
    }

    /** Its requests, whatever their value in this dimension. */
    public Box without(Dimension dimension) {
        if (!sets.containsKey(dimension)) {
            return this;
        }
        SortedMap<Dimension, ValueSet> fewer = new TreeMap<>(sets);
        fewer.remove(dimension);
        return new Box(fewer);
    }

    /** What is in both; null if that is nothing. */
    public @Nullable Box and(Box other) {
        Box both = this;
        for (Map.Entry<Dimension, ValueSet> one : other.sets.entrySet()) {
            both = both.with(one.getKey(), one.getValue());
            if (both == null) {
                return null;
            }
        }
        return both;
    }

    public boolean overlaps(Box other) {
        for (Map.Entry<Dimension, ValueSet> one : other.sets.entrySet()) {
            ValueSet own = sets.get(one.getKey());
            if (own != null && !own.overlaps(one.getValue())) {
                return false;
            }
        }
        return true;
    }

    public boolean isWithin(Box other) {
        for (Map.Entry<Dimension, ValueSet> one : other.sets.entrySet()) {
            ValueSet own = sets.get(one.getKey());
            if (own == null || !own.isWithin(one.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** What is in this one only, as boxes that have nothing in common. */
    public List<Box> minus(Box other, UniverseOf universe) {
        if (!overlaps(other)) {
            return List.of(this);
        }
        List<Box> pieces = new ArrayList<>();
        Box rest = this;
        for (Map.Entry<Dimension, ValueSet> one : other.sets.entrySet()) {
            Dimension dimension = one.getKey();
            ValueSet own = rest.sets.get(dimension);
            ValueSet all = own == null ? universe.of(dimension) : own;
            ValueSet outside = all.minus(one.getValue());
            if (!outside.isEmpty()) {
                pieces.add(rest.replacing(dimension, outside));
                rest = rest.replacing(dimension, all.and(one.getValue()));
            }
        }
        return pieces;
    }

    Box replacing(Dimension dimension, ValueSet values) {
        SortedMap<Dimension, ValueSet> changed = new TreeMap<>(sets);
        if (values.isEverything()) {
            changed.remove(dimension);
        } else {
            changed.put(dimension, values);
        }
        return new Box(changed);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Box box && sets.equals(box.sets);
    }

    @Override
    public int hashCode() {
        return sets.hashCode();
    }

    @Override
    public String toString() {
        return sets.toString();
    }

    /** All values of a dimension. */
    @FunctionalInterface
    public interface UniverseOf {
        ValueSet of(Dimension dimension);
    }
}
