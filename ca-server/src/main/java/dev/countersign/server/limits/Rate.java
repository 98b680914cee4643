package dev.countersign.server.limits;

/**
 * So many a second, after so many at once.
 *
 * @param perSecond steady rate; 0.001 to 1 000 000
 * @param burst how many may come at once; 1 to 1 000 000
 */
public record Rate(double perSecond, int burst) {
    private static final double LEAST = 0.001;
    private static final int MOST = 1_000_000;
    private static final double NANOS = 1e9;

    public Rate {
        if (!(perSecond >= LEAST && perSecond <= MOST)) {
            throw new IllegalArgumentException(
                    "perSecond: " + perSecond + " (expected: " + LEAST + " to " + MOST + ")");
        }
        if (burst < 1 || burst > MOST) {
            throw new IllegalArgumentException(
                    "burst: " + burst + " (expected: 1 to " + MOST + ")");
        }
    }

    public static Rate of(double perSecond, int burst) {
        return new Rate(perSecond, burst);
    }

    /** Nanoseconds between two at the steady rate; at least 1. */
    long interval() {
        return Math.max(1, Math.round(NANOS / perSecond));
    }

    /** How far ahead of the steady rate a full burst runs, nanoseconds. */
    long tolerance() {
        return Math.multiplyExact(interval(), burst - 1L);
    }
}
