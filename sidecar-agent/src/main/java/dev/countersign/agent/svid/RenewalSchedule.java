package dev.countersign.agent.svid;

import dev.countersign.agent.ca.RefreshWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When to ask for a certificate: pure arithmetic over given instants and a given source of chance.
 *
 * <p>The server says when a certificate is to be renewed (50 to 80 % of its life, spread so that
 * fleets do not march in step); what it says is used only where it lies inside the life. After a
 * failure the next try comes when 70 % of what remained is still left: the tries grow denser towards
 * expiry.
 */
public final class RenewalSchedule {
    /** No two tries closer than this, except for lives under ten minutes. */
    static final Duration FLOOR = Duration.ofSeconds(10);

    /** The floor of a short life: this part of it. */
    static final int FLOOR_DIVISOR = 60;

    static final Duration SHORTEST = Duration.ofMillis(50);

    private static final double WAITED_OF_REMAINING = 0.3;
    private static final double JITTER = 0.1;
    private static final double EARLIEST = 0.5;
    private static final double LATEST = 0.8;

    private final RandomGenerator random;

    public RenewalSchedule(RandomGenerator random) {
        this.random = random;
    }

    /**
     * When to renew a certificate that was taken into use at {@code now}.
     *
     * @param window the server's wish; a window that leaves the life is replaced by 50 to 80 % of it
     * @param now start of the life as this agent sees it: certificates are backdated
     * @param notAfter end of the life, later than {@code now}
     * @return in [{@code now}, {@code notAfter})
     */
    public Instant renewAt(RefreshWindow window, Instant now, Instant notAfter) {
        boolean usable =
                !window.notBefore().isAfter(window.notAfter())
                        && window.notBefore().isAfter(now)
                        && window.notAfter().isBefore(notAfter);
        Duration life = Duration.between(now, notAfter);
        Instant from = usable ? window.notBefore() : now.plus(scale(life, EARLIEST));
        Instant to = usable ? window.notAfter() : now.plus(scale(life, LATEST));
        return from.plus(scale(Duration.between(from, to), random.nextDouble()));
    }

    /**
     * How long to wait after a failed renewal.
     *
     * @param remaining until the held certificate expires; positive
     * @param life the whole life of the held certificate
     * @param asked what the server asked for; obeyed up to 70 % of what remains
     * @return at least the floor of this life
     */
    public Duration retryAfter(Duration remaining, Duration life, Optional<Duration> asked) {
        Duration spread = scale(remaining, WAITED_OF_REMAINING * jitter());
        Duration wanted = asked.map(a -> longer(spread, scale(a, jitter()))).orElse(spread);
        return longer(shorter(wanted, scale(remaining, 1 - WAITED_OF_REMAINING)), floor(life));
    }

    /** The shortest wait between two tries of a certificate with this life. */
    static Duration floor(Duration life) {
        return longer(shorter(FLOOR, life.dividedBy(FLOOR_DIVISOR)), SHORTEST);
    }

    private double jitter() {
        return 1 - JITTER + 2 * JITTER * random.nextDouble();
    }

    private static Duration scale(Duration duration, double factor) {
        return Duration.ofNanos((long) (duration.toNanos() * factor));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
