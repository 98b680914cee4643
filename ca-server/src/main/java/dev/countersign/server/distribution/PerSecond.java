package dev.countersign.server.distribution;

import java.time.Instant;

/** At most so many of something in any one second of a stream. */
final class PerSecond {
    private final int most;
    private long second;
    private int count;

    PerSecond(int most) {
        this.most = most;
    }

    synchronized boolean allows(Instant now) {
        if (now.getEpochSecond() != second) {
            second = now.getEpochSecond();
            count = 0;
        }
        count++;
        return count <= most;
    }
}
