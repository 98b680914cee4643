package dev.countersign.server.attestation;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Names that somebody was asked for and does not have, remembered for a while so that a stranger's
 * guesses do not become questions: bounded, the oldest goes first. Thread-safe.
 */
public final class KnownMissing {
    private final Duration keptFor;
    private final int max;
    private final LinkedHashMap<String, Instant> until = new LinkedHashMap<>();

    /**
     * @param max how many are remembered at the most
     */
    public KnownMissing(Duration keptFor, int max) {
        this.keptFor = keptFor;
        this.max = max;
    }

    public synchronized boolean contains(String name, Instant now) {
        @Nullable Instant end = until.get(name);
        return end != null && now.isBefore(end);
    }

    public synchronized void add(String name, Instant now) {
        until.remove(name); // so that it comes last again
        until.put(name, now.plus(keptFor));
        if (until.size() > max) {
            until.pollFirstEntry();
        }
    }

    public synchronized void clear() {
        until.clear();
    }

    public synchronized int size() {
        return until.size();
    }
}
