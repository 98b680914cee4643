package dev.countersign.agent.edges;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A hash table that is asked with a request instead of a key: no key is made to find an entry. Read
 * by any thread; added to by one at a time. Grows by a copy, never holds more than it is half full.
 */
final class EdgeIndex {
    private static final int SMALLEST = 64;

    private final AtomicReferenceArray<@Nullable Entry> slots;
    private int size;

    private EdgeIndex(int slots) {
        this.slots = new AtomicReferenceArray<>(slots);
    }

    static EdgeIndex empty() {
        return new EdgeIndex(SMALLEST);
    }

    static EdgeIndex of(List<Entry> entries) {
        int slots = SMALLEST;
        while (slots < 4 * entries.size()) {
            slots *= 2;
        }
        EdgeIndex index = new EdgeIndex(slots);
        entries.forEach(index::put);
        return index;
    }

    @Nullable Entry find(
            EdgeDirection direction,
            @Nullable SpiffeId peer,
            @Nullable IpAddress address,
            Request request,
            Decision decision,
            @Nullable Decision dryRun,
            Rung rung) {
        int hash = Entry.hash(direction, peer, address, request, decision, dryRun, rung);
        int mask = slots.length() - 1;
        for (int i = hash & mask; ; i = (i + 1) & mask) {
            Entry entry = slots.get(i);
            if (entry == null
                    || entry.is(hash, direction, peer, address, request, decision, dryRun, rung)) {
                return entry;
            }
        }
    }

    /** This index with one more; a larger one when this is half full. */
    EdgeIndex with(Entry entry) {
        if (2 * (size + 1) <= slots.length()) {
            put(entry);
            return this;
        }
        List<Entry> all = entries();
        all.add(entry);
        return of(all);
    }

    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>(size);
        for (int i = 0; i < slots.length(); i++) {
            Entry entry = slots.get(i);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    int size() {
        return size;
    }

    private void put(Entry entry) {
        int mask = slots.length() - 1;
        int i = entry.hash & mask;
        while (slots.get(i) != null) {
            i = (i + 1) & mask;
        }
        size++;
        slots.set(i, entry);
    }
}
