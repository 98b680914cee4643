package dev.countersign.server.distribution;

import java.time.Instant;

/** At most so many acknowledgements in any one second of a stream. */
final class AcknowledgementRate {
    static final int PER_SECOND = 50;

    private long second;
    private int count;

    synchronized boolean allows(Instant now) {
        if (now.getEpochSecond() != second) {
            second = now.getEpochSecond();
            count = 0;
        }
        count++;
        return count <= PER_SECOND;
    }
}
