package dev.countersign.agent.ca;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far this machine's clock is from the server's, measured on connections to a believed server.
 * Beyond {@link #LIMIT} the agent is not ready: certificates are backdated by five minutes, so a
 * clock further off refuses good peers and believes expired ones.
 */
public final class ClockOffset {
    /** Not ready beyond this, either way. */
    public static final Duration LIMIT = Duration.ofMinutes(4);

    private volatile Optional<Duration> last = Optional.empty();

    /**
     * One exchange: the server's time is taken to be that of the middle.
     *
     * @param asked by this machine's clock
     * @param server what the server said
     * @param answered by this machine's clock
     */
    public void measured(Instant asked, Instant server, Instant answered) {
        Instant middle = asked.plus(Duration.between(asked, answered).dividedBy(2));
        last = Optional.of(Duration.between(server, middle));
    }

    /** Agent minus server; empty before the first measurement. */
    public Optional<Duration> current() {
        return last;
    }

    public boolean tooFar() {
        return last.filter(offset -> offset.abs().compareTo(LIMIT) > 0).isPresent();
    }
}
