package dev.countersign.server.revocation;

import dev.countersign.feed.DenyEntry;
import java.time.Instant;
import java.util.Optional;

/**
 * What an operator ordered.
 *
 * @param id stable, for people and the log
 * @param target who or what is denied
 * @param reason as the operator put it
 * @param by who ordered it
 * @param at when
 * @param until when it ends by itself; empty = when it is taken back
 */
public record Revocation(
        String id,
        DenyEntry.Target target,
        String reason,
        String by,
        Instant at,
        Optional<Instant> until) {
    /** Whether it is over by itself. */
    public boolean isOver(Instant now) {
        return until.isPresent() && !now.isBefore(until.get());
    }
}
