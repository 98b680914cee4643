package dev.countersign.policy.parse;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A length of time as Kubernetes objects have it: a decimal and one of ms, s, m, h. */
final class WrittenDuration {
    private static final int LONGEST = 16;

    private WrittenDuration() {}

    /** Whole milliseconds, or null. */
    static @Nullable Duration parse(String text) {
        int end = 0;
        while (end < text.length() && isNumeric(text.charAt(end))) {
            end++;
        }
        long unit = millis(text.substring(end));
        if (unit == 0 || end == 0 || end > LONGEST) {
            return null;
        }
        try {
            BigDecimal millis =
                    new BigDecimal(text.substring(0, end)).multiply(BigDecimal.valueOf(unit));
            return Duration.ofMillis(millis.longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            return null;
        }
    }

    private static boolean isNumeric(char c) {
        return (c >= '0' && c <= '9') || c == '.';
    }

    private static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 0;
        };
    }
}
