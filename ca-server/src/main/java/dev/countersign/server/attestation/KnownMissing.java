package dev.countersign.server.attestation.serviceaccount;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** Key ids that the issuer was asked for and does not have: bounded, the oldest goes first. */
final class UnknownKeys {
    private static final int MAX = 1024;

    private final Duration keptFor;
    private final LinkedHashMap<String, Instant> until = new LinkedHashMap<>();

    UnknownKeys(Duration keptFor) {
        this.keptFor = keptFor;
    }

    synchronized boolean contains(String kid, Instant now) {
        @Nullable Instant end = until.get(kid);
        return end != null && now.isBefore(end);
    }

    synchronized void add(String kid, Instant now) {
        until.remove(kid); // so that it comes last again
        until.put(kid, now.plus(keptFor));
        if (until.size() > MAX) {
            until.pollFirstEntry();
        }
    }

    synchronized void clear() {
        until.clear();
    }

    synchronized int size() {
        return until.size();
    }
}
