package dev.countersign.server.authority.rotation;

import java.time.Duration;

/** Times and counts as people read them. */
final class Spoken {
    private static final int SECONDS_UNTIL_MINUTES = 120;
    private static final int MINUTES_UNTIL_HOURS = 120;
    private static final int HOURS_UNTIL_DAYS = 72;

    private Spoken() {}

    static String time(Duration duration) {
        long seconds = duration.plusMillis(999).toSeconds();
        if (seconds <= SECONDS_UNTIL_MINUTES) {
            return seconds + " s";
        }
        if (duration.toMinutes() <= MINUTES_UNTIL_HOURS) {
            return duration.toMinutes() + " min";
        }
        return duration.toHours() <= HOURS_UNTIL_DAYS
                ? duration.toHours() + " h"
                : duration.toDays() + " d";
    }

    static String ago(Duration duration) {
        return time(duration) + " ago";
    }

    static String count(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }
}
