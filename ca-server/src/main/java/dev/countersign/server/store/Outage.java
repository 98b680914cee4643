package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether writing fails at present, why, and when the next trial is due. Written by the writer. */
final class Outage {
    private static final Duration FIRST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    private volatile @Nullable State state;

    private record State(String reason, Duration backoff, long retryAt) {}

    /** Turns a newcomer away while the back-off lasts. */
    void check() throws AuditUnavailable {
        State now = state;
        if (now != null && now.retryAt() - System.nanoTime() > 0) {
            throw new AuditUnavailable("log cannot be written now: " + now.reason());
        }
    }

    Optional<String> reason() {
        return Optional.ofNullable(state).map(State::reason);
    }

    /** Nanoseconds until the next trial; 0 when there is no outage or the trial is due. */
    long left() {
        State now = state;
        return now == null ? 0 : Math.max(0, now.retryAt() - System.nanoTime());
    }

    void failed(Exception cause) {
        State before = state;
        Duration backoff = before == null ? FIRST : doubled(before.backoff());
        String reason = String.valueOf(cause.getMessage());
        state = new State(reason, backoff, System.nanoTime() + backoff.toNanos());
        if (before == null) {
            LOG.atError()
                    .setCause(cause)
                    .log("the log cannot be written: nothing is signed until it can");
        }
    }

    void over() {
        if (state != null) {
            state = null;
            LOG.atInfo().log("the log can be written again");
        }
    }

    private static Duration doubled(Duration backoff) {
        Duration twice = backoff.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }
}
