package dev.countersign.wire;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** {@code google.protobuf.Timestamp} to {@link Instant}, within what protobuf allows. */
public final class Timestamps {
    /** 0001-01-01T00:00:00Z. */
    private static final long LEAST_SECONDS = -62_135_596_800L;

    /** 9999-12-31T23:59:59Z. */
    private static final long MOST_SECONDS = 253_402_300_799L;

    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private Timestamps() {}

    public static Timestamp encode(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /**
     * @throws IllegalArgumentException when it is out of protobuf's bounds
     */
    public static Instant decode(Timestamp timestamp) {
        long seconds = timestamp.getSeconds();
        int nanos = timestamp.getNanos();
        if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS) {
            throw new IllegalArgumentException(
                    "timestamp: " + seconds + " s (expected: years 1 to 9999)");
        }
        if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw new IllegalArgumentException(
                    "timestamp: " + nanos + " ns (expected: 0 to 999999999)");
        }
        return Instant.ofEpochSecond(seconds, nanos);
    }
}
