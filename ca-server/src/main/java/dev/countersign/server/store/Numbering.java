package dev.countersign.server.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Sequence numbers of the log, unique over all servers. Where others write too, they come in blocks
 * that are taken in a commit of their own; a block lost with its process leaves a gap, which is no
 * fault. Owned by the writer thread.
 */
final class Numbering {
    private static final int BLOCK = 2048;
    private static final String TAKE =
            "UPDATE numbering SET next = next + ? WHERE name = 'log' RETURNING next";
    private static final String LAST = "SELECT COALESCE(MAX(sequence), 0) FROM log_entry";

    private final boolean exclusive;
    private long next;
    private long end;

    Numbering(boolean exclusive) {
        this.exclusive = exclusive;
    }

    /** Looks again where to go on; called with every new session, outside a transaction. */
    void reload(WriterSession session) throws SQLException {
        if (exclusive) {
            next = session.transaction(Numbering::last) + 1;
            end = Long.MAX_VALUE;
        }
    }

    /** The first of {@code count} numbers in a row. May commit: call it outside a transaction. */
    long take(WriterSession session, int count) throws SQLException {
        if (end - next < count) {
            takeBlock(session, Math.max(BLOCK, count));
        }
        long first = next;
        next += count;
        return first;
    }

    private void takeBlock(WriterSession session, int size) throws SQLException {
        end = session.transaction(taking -> endOfBlock(taking, size));
        next = end - size;
    }

    private static long endOfBlock(WriterSession session, int size) throws SQLException {
        PreparedStatement statement = session.prepare(TAKE);
        statement.setLong(1, size);
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("numbering: no row named log");
            }
            return rows.getLong(1);
        }
    }

    private static long last(WriterSession session) throws SQLException {
        try (ResultSet rows = session.prepare(LAST).executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }
}
