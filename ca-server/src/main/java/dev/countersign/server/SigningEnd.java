package dev.countersign.server;

import dev.countersign.runtime.Health;
import dev.countersign.server.authority.AuthorityRing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reminds people of the end of what signs here, a root or its online issuer: nobody can be asked to
 * sign the next one in a hurry. Health says so all the time, the log once a day.
 */
final class SigningEnd {
    private static final Logger LOG = LoggerFactory.getLogger(SigningEnd.class);
    private static final Duration DAILY = Duration.ofDays(1);

    private final AuthorityRing authority;
    private final Duration reminder;
    private final Health health;
    private final InstantSource clock;
    private Instant nextLine = Instant.MIN;

    SigningEnd(AuthorityRing authority, Duration reminder, Health health, InstantSource clock) {
        this.authority = authority;
        this.reminder = reminder;
        this.health = health;
        this.clock = clock;
    }

    /** Called about once a second. */
    void review() {
        Instant now = clock.instant();
        Instant end = authority.signsUntil();
        if (now.isBefore(end.minus(reminder))) {
            health.up("authority");
            return;
        }
        String what = authority.signsByIssuer() ? "online issuer" : "root";
        String next =
                authority.signsByIssuer()
                        ? "countersign root csr, countersign root import"
                        : "countersign root rotate";
        String said = what + " ends " + end + ", nothing lives longer; next: " + next;
        if (now.isBefore(end)) {
            health.degraded("authority", said);
        } else {
            health.down("authority", said);
        }
        if (!now.isBefore(nextLine)) {
            nextLine = now.plus(DAILY);
            LOG.atWarn().addKeyValue("ends", end).addKeyValue("next", next).log(what + " ends");
        }
    }

    /** Seconds; negative when it is over. */
    double secondsLeft() {
        return Duration.between(clock.instant(), authority.signsUntil()).toSeconds();
    }
}
