package dev.countersign.deploy.soak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** What must not happen, and did. Thread-safe. */
final class Findings {
    private static final int SHOWN = 20;

    private final List<String> first = new CopyOnWriteArrayList<>();
    private final AtomicLong count = new AtomicLong();

    void add(String what) {
        if (count.getAndIncrement() < SHOWN) {
            first.add(what);
        }
    }

    long count() {
        return count.get();
    }

    /** The first of them. */
    List<String> shown() {
        return List.copyOf(first);
    }
}
