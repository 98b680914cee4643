package dev.countersign.server.attestation.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** Pod UIDs that the API server was asked for and does not have: bounded, the oldest goes first. */
final class UnknownPods {
    private static final int MAX = 4096;

    private final Duration keptFor;
    private final LinkedHashMap<String, Instant> until = new LinkedHashMap<>();

    UnknownPods(Duration keptFor) {
        this.keptFor = keptFor;
    }

    synchronized boolean contains(String uid, Instant now) {
        @Nullable Instant end = until.get(uid);
        return end != null && now.isBefore(end);
    }

    synchronized void add(String uid, Instant now) {
        until.remove(uid); // so that it comes last again
        until.put(uid, now.plus(keptFor));
        if (until.size() > MAX) {
            until.pollFirstEntry();
        }
    }
}
