package dev.countersign.deploy.soak;

import java.util.ArrayList;
import java.util.List;

/** When one of those who carry requests was down, in {@link System#nanoTime()}. Thread-safe. */
final class Outages {
    private static final long OPEN = Long.MAX_VALUE;

    private record Outage(long from, long until) {}

    private final List<Outage> over = new ArrayList<>();
    private long since = OPEN;

    /** Just before it goes down. */
    synchronized void begin() {
        since = System.nanoTime();
    }

    /** When it is ready again. */
    synchronized void end() {
        over.add(new Outage(since, System.nanoTime()));
        since = OPEN;
    }

    /** Whether a request that took this long could not have been answered for it. */
    synchronized boolean excuse(long from, long until) {
        if (since != OPEN && until - since >= 0) {
            return true;
        }
        return over.stream().anyMatch(one -> until - one.from >= 0 && one.until - from >= 0);
    }
}
