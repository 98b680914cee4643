package dev.countersign.server.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Clears certificate rows away whose certificates ended long ago, and what was known of those who held
 * them. Log and key bindings stay. Works from the oldest row on in small steps, so that nobody waits
 * long for the writer.
 */
final class Retention {
    /** Rows looked at in one transaction. */
    private static final int STEP = 2000;

    private static final String RANGE =
            "SELECT MAX(sequence) FROM (SELECT sequence FROM certificate WHERE sequence > ?"
                    + " ORDER BY sequence LIMIT ?) AS step";
    private static final String CLEAR =
            "DELETE FROM certificate WHERE sequence > ? AND sequence <= ? AND not_after < ?"
                    + " AND outcome <> 0";

    private static final String CLEAR_VERIFIERS =
            "DELETE FROM verifier WHERE until < ? AND last_seen < ?";
    private static final String CLEAR_DEPARTURES = "DELETE FROM departure WHERE at < ?";

    private static final Step NOT_OURS = new Step(0, 0);

    private final GroupCommit writer;
    private final Leader leader;
    private final Duration kept;
    private final long maxWaitNanos;
    private final InstantSource clock;

    Retention(
            GroupCommit writer,
            Leader leader,
            Duration kept,
            long maxWaitNanos,
            InstantSource clock) {
        this.writer = writer;
        this.leader = leader;
        this.kept = kept;
        this.maxWaitNanos = maxWaitNanos;
        this.clock = clock;
    }

    private record Step(long upTo, int cleared) {}

    /**
     * Stops at the first step in which nothing had ended: later rows end later, but for lives of
     * different length, and those come up next time.
     *
     * @return how many rows of certificates went
     */
    int run() {
        long before = clock.instant().minus(kept).toEpochMilli();
        Work.perform(writer, maxWaitNanos, leader.only(session -> holders(session, before), 0));
        int cleared = 0;
        long from = 0;
        while (true) {
            long start = from;
            Step step =
                    Work.perform(
                            writer,
                            maxWaitNanos,
                            leader.only(session -> step(session, start, before), NOT_OURS));
            cleared += step.cleared();
            if (step.cleared() == 0) {
                return cleared;
            }
            from = step.upTo();
        }
    }

    private static Step step(WriterSession session, long from, long before) throws SQLException {
        PreparedStatement range = session.prepare(RANGE);
        range.setLong(1, from);
        range.setInt(2, STEP);
        long upTo;
        try (ResultSet rows = range.executeQuery()) {
            upTo = rows.next() ? rows.getLong(1) : 0;
        }
        PreparedStatement clear = session.prepare(CLEAR);
        clear.setLong(1, from);
        clear.setLong(2, upTo);
        clear.setLong(3, before);
        return new Step(upTo, clear.executeUpdate());
    }

    private static int holders(WriterSession session, long before) throws SQLException {
        PreparedStatement verifiers = session.prepare(CLEAR_VERIFIERS);
        verifiers.setLong(1, before);
        verifiers.setLong(2, before);
        PreparedStatement departures = session.prepare(CLEAR_DEPARTURES);
        departures.setLong(1, before);
        return verifiers.executeUpdate() + departures.executeUpdate();
    }
}
