package dev.countersign.server.lint;

import java.time.Duration;

/**
 * The bounds a linter holds certificates to.
 *
 * @param purpose whose certificates
 * @param minLife least notAfter − notBefore, backdating included
 * @param maxLife most notAfter − notBefore, backdating included
 */
public record LintProfile(Purpose purpose, Duration minLife, Duration maxLife) {
    /** notBefore is this much in the past, for clocks that lag. */
    public static final Duration BACKDATE = Duration.ofMinutes(5);

    /** Whose certificates: decides which SPIFFE ID paths are allowed. */
    public enum Purpose {
        /** {@code /ns/<namespace>/sa/<service account>} only. */
        WORKLOAD,
        /** {@code /countersign/ca-server} only. */
        CA_SERVER,
        /** {@code /countersign/webhook} only. */
        WEBHOOK,
        /** {@code /countersign/operator/<name>} only. */
        OPERATOR
    }

    public LintProfile {
        if (minLife.isNegative() || minLife.isZero() || minLife.compareTo(maxLife) > 0) {
            throw new IllegalArgumentException(
                    "minLife: " + minLife + " (expected: > 0 and <= maxLife " + maxLife + ")");
        }
    }

    /**
     * Bounds of certificates whose life is counted from now: backdating comes on top.
     *
     * @param minLife least life after issuing
     * @param maxLife most life after issuing
     */
    public static LintProfile of(Purpose purpose, Duration minLife, Duration maxLife) {
        return new LintProfile(purpose, minLife, maxLife.plus(BACKDATE));
    }
}
