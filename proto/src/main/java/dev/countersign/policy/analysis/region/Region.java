package dev.countersign.policy.analysis.region;

import dev.countersign.policy.analysis.text.TooLarge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A union of boxes, which may overlap. Empty exactly if there is none. */
public record Region(List<Box> boxes) {

    /** No request. */
    public static final Region NOTHING = new Region(List.of());

    /** Every request. */
    public static final Region EVERYTHING = new Region(List.of(Box.EVERYTHING));

    /** How many boxes a region may fall into before its question is given up. */
    public static final int MAX_BOXES = 20_000;

    public Region {
        if (boxes.size() > MAX_BOXES) {
            throw new TooLarge("a set of requests in more than " + MAX_BOXES + " pieces");
        }
        boxes = List.copyOf(boxes);
    }

    /** One box, or nothing for null. */
    public static Region of(@Nullable Box box) {
        return box == null ? NOTHING : new Region(List.of(box));
    }

    /** The requests with one of these values. */
    public static Region of(Dimension dimension, ValueSet values) {
        return of(Box.of(dimension, values));
    }

    public boolean isEmpty() {
        return boxes.isEmpty();
    }

    public Region or(Region other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        Set<Box> all = new LinkedHashSet<>(boxes);
        all.addAll(other.boxes);
        return new Region(List.copyOf(all));
    }

    public Region and(Region other) {
        Set<Box> all = new LinkedHashSet<>();
        for (Box one : boxes) {
            for (Box two : other.boxes) {
                Box both = one.and(two);
                if (both != null) {
                    all.add(both);
                }
            }
            check(all.size());
        }
        return new Region(List.copyOf(all));
    }

    /** What is in this one only, in pieces that have nothing in common with the other. */
    public Region minus(Region other, Box.UniverseOf universe) {
        List<Box> rest = new ArrayList<>();
        for (Box box : boxes) {
            rest.addAll(minus(box, other, universe));
            check(rest.size());
        }
        return new Region(rest);
    }

    /** Whether every request of it is in the other one. */
    public boolean isWithin(Region other, Box.UniverseOf universe) {
        for (Box box : boxes) {
            boolean inOne = other.boxes.stream().anyMatch(box::isWithin);
            if (!inOne && !minus(box, other, universe).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    public boolean overlaps(Region other) {
        return boxes.stream().anyMatch(one -> other.boxes.stream().anyMatch(one::overlaps));
    }

    /** The same requests in fewer boxes: contained ones dropped, neighbours joined. */
    public Region simplified() {
        List<Box> rest = joined(boxes);
        List<Box> kept = new ArrayList<>();
        for (int i = 0; i < rest.size(); i++) {
            if (!isCovered(rest, i)) {
                kept.add(rest.get(i));
            }
        }
        return new Region(kept);
    }

    /** Whether another box holds this one; of two equal ones the first stays. */
    private static boolean isCovered(List<Box> boxes, int index) {
        Box box = boxes.get(index);
        for (int i = 0; i < boxes.size(); i++) {
            boolean counts = i < index || (i > index && !boxes.get(i).isWithin(box));
            if (counts && box.isWithin(boxes.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** Joins boxes that differ in one dimension, until there are no such two. */
    private static List<Box> joined(List<Box> boxes) {
        Set<Box> all = new LinkedHashSet<>(boxes);
        boolean changed = true;
        while (changed) {
            int before = all.size();
            Set<Dimension> dimensions = new LinkedHashSet<>();
            all.forEach(box -> dimensions.addAll(box.sets().keySet()));
            for (Dimension dimension : dimensions) {
                all = joinedAlong(dimension, all);
            }
            changed = all.size() < before;
        }
        return List.copyOf(all);
    }

    private static Set<Box> joinedAlong(Dimension dimension, Set<Box> boxes) {
        Map<Box, List<Box>> alike = new HashMap<>();
        List<Box> order = new ArrayList<>();
        for (Box box : boxes) {
            Box rest = box.without(dimension);
            alike.computeIfAbsent(
                            rest,
                            one -> {
                                order.add(one);
                                return new ArrayList<>();
                            })
                    .add(box);
        }
        Set<Box> joined = new LinkedHashSet<>();
        for (Box rest : order) {
            ValueSet all = null;
            for (Box box : alike.getOrDefault(rest, List.of())) {
                ValueSet one = box.get(dimension);
                if (one == null) {
                    all = null;
                    break;
                }
                all = all == null ? one : all.or(one);
            }
            joined.add(all == null ? rest : rest.replacing(dimension, all));
        }
        return joined;
    }

    private static List<Box> minus(Box box, Region other, Box.UniverseOf universe) {
        List<Box> rest = List.of(box);
        for (Box cut : other.boxes) {
            List<Box> next = new ArrayList<>();
            for (Box piece : rest) {
                next.addAll(piece.minus(cut, universe));
            }
            check(next.size());
            rest = next;
            if (rest.isEmpty()) {
                break;
            }
        }
        return rest;
    }

    private static void check(int boxes) {
        if (boxes > MAX_BOXES) {
            throw new TooLarge("a set of requests in more than " + MAX_BOXES + " pieces");
        }
    }
}
