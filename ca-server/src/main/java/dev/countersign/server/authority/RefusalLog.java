package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.RotationState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts refusals on record: one for each set of those who stand in the way, and not more often than
 * every ten seconds. Waiting for time to pass is no refusal.
 */
final class RefusalLog {
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
    private static final Duration PACE = Duration.ofSeconds(10);
    private static final int MAX_NAMED = 20;

    private final AuthorityEvents events;
    private List<String> noted = List.of();
    private Instant notedAt = Instant.EPOCH;

    RefusalLog(AuthorityEvents events) {
        this.events = events;
    }

    synchronized void note(RotationState state, Decision.Blocked blocked, Instant now) {
        List<String> names =
                blocked.blockers().stream()
                        .filter(one -> one.until().isEmpty())
                        .limit(MAX_NAMED)
                        .map(one -> state.phase() + " " + one.code() + " " + one.who())
                        .toList();
        if (names.isEmpty() || names.equals(noted) || now.isBefore(notedAt.plus(PACE))) {
            return;
        }
        LOG.atWarn()
                .addKeyValue("phase", state.phase())
                .addKeyValue("next", blocked.next())
                .addKeyValue("blockers", blocked.blockers().size())
                .addKeyValue("first", names.getFirst())
                .log("rotation waits for somebody");
        try {
            events.refused(
                    state.rotation().orElseThrow(), blocked.next().name(), blocked.blockers(), now);
            noted = names;
            notedAt = now;
        } catch (AuditUnavailable e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("refusal not on record yet");
        }
    }
}
