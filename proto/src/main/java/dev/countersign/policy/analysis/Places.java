package dev.countersign.policy.analysis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Destinations, of which a few are named.
 *
 * @param names the first ones
 * @param count of all
 */
public record Places(List<String> names, int count) {

    /** How many are named. */
    public static final int NAMED = 5;

    static final Places NONE = new Places(List.of(), 0);

    public Places {
        names = List.copyOf(names);
    }

    static Places of(Collection<Destination> destinations) {
        return new Places(
                destinations.stream().map(Destination::name).sorted().limit(NAMED).toList(),
                destinations.size());
    }

    /** Those of both, which have none in common. */
    Places and(Places other) {
        List<String> all = new ArrayList<>(names);
        all.addAll(other.names);
        return new Places(all.stream().sorted().limit(NAMED).toList(), count + other.count);
    }

    @Override
    public String toString() {
        String named = String.join(", ", names);
        return count > names.size() ? named + " and " + (count - names.size()) + " more" : named;
    }
}
