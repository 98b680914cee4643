package dev.countersign.agent.authorization;

import dev.countersign.agent.subscription.Denial;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The denials of one second, one entry an edge. Bounded: beyond {@link #EDGES} a caller's further
 * requests are counted as one edge, and beyond {@link #CALLERS} more, further callers too. Every
 * denial therefore has an entry whose id leads to an explanation.
 */
final class DenialWindow {
    static final int EDGES = 128;
    static final int CALLERS = 128;

    private final long second;
    private final Map<Caller, Entry> entries = new HashMap<>();

    DenialWindow(long second) {
        this.second = second;
    }

    /** One edge in this second. */
    static final class Entry {
        final Caller edge;
        final Denial first;
        long count;

        Entry(Caller edge, Denial first) {
            this.edge = edge;
            this.first = first;
        }
    }

    long second() {
        return second;
    }

    /** Counts one denial. Entries returned with a count of one are new. */
    Entry count(Caller caller, Function<Caller, Denial> first) {
        Entry entry = entryOf(caller, edge -> new Entry(edge, first.apply(edge)));
        entry.count++;
        return entry;
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    private Entry entryOf(Caller caller, Function<Caller, Entry> fresh) {
        Entry exact = entries.get(caller);
        if (exact != null) {
            return exact;
        }
        if (entries.size() < EDGES) {
            return entries.computeIfAbsent(caller, fresh);
        }
        Entry sameCaller = entries.get(caller.anyRequest());
        if (sameCaller != null) {
            return sameCaller;
        }
        return entries.size() < EDGES + CALLERS
                ? entries.computeIfAbsent(caller.anyRequest(), fresh)
                : entries.computeIfAbsent(caller.anybody(), fresh);
    }
}
