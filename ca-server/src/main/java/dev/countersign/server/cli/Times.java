package dev.countersign.server.cli;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as a person reads them. */
public final class Times {
    private Times() {}

    public static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    public static String text(Timestamp timestamp) {
        return instant(timestamp).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** {@code "in 42 s"}, {@code "3 min ago"}. */
    public static String relative(Instant then, Instant now) {
        Duration distance = Duration.between(now, then);
        String amount = amount(distance.abs());
        return distance.isNegative() ? amount + " ago" : "in " + amount;
    }

    private static String amount(Duration duration) {
        if (duration.toSeconds() < 120) {
            return duration.toSeconds() + " s";
        }
        if (duration.toMinutes() < 120) {
            return duration.toMinutes() + " min";
        }
        return duration.toHours() < 72 ? duration.toHours() + " h" : duration.toDays() + " d";
    }
}
