package dev.countersign.server.issuance;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When the caller should come back. Chosen by the server, so that a fleet that started together does
 * not march in step: the window's start is uniform in 50 to 75 % of the life, its length 5 %.
 *
 * @param notBefore earliest
 * @param notAfter latest
 */
public record RefreshWindow(Instant notBefore, Instant notAfter) {
    private static final double EARLIEST = 0.50;
    private static final double SPREAD = 0.25;
    private static final double LENGTH = 0.05;

    static RefreshWindow choose(Instant now, Instant expiry, RandomGenerator random) {
        long life = Duration.between(now, expiry).toMillis();
        long start = (long) (life * (EARLIEST + SPREAD * random.nextDouble()));
        Instant notBefore = now.plusMillis(start);
        return new RefreshWindow(notBefore, notBefore.plusMillis((long) (life * LENGTH)));
    }
}
