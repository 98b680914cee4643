package dev.countersign.server.kubernetes.pods;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of each equal value, for as long as anybody holds it: namespaces, accounts, nodes and labels
 * repeat from pod to pod. Thread-safe.
 */
final class Shared {
    private final Map<Entry, Entry> entries = new HashMap<>();
    private final ReferenceQueue<Object> dropped = new ReferenceQueue<>();

    /** The one that equals this; this itself when it is the first. */
    @SuppressWarnings("unchecked") // what is equal to a T by its key is a T: the classes are final
    synchronized <T> T one(T value) {
        forget();
        Entry asked = new Entry(value, dropped);
        @Nullable Entry held = entries.get(asked);
        @Nullable Object one = held == null ? null : held.get();
        if (one != null) {
            return (T) one;
        }
        entries.put(asked, asked);
        return value;
    }

    synchronized int size() {
        forget();
        return entries.size();
    }

    private void forget() {
        for (Object gone = dropped.poll(); gone != null; gone = dropped.poll()) {
            entries.remove(gone);
        }
    }

    private static final class Entry extends WeakReference<Object> {
        private final int hash;

        Entry(Object value, ReferenceQueue<Object> queue) {
            super(value, queue);
            this.hash = value.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            if (this == other) {
                return true;
            }
            @Nullable Object mine = get();
            return mine != null && other instanceof Entry entry && mine.equals(entry.get());
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
