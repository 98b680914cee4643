package dev.countersign.server.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Which server processes live. Where one server holds the database alone, all others are dead; else
 * each says so every {@link #HEARTBEAT} by the database's own clock, so that the servers' clocks do
 * not matter, and counts as dead after {@link #LEASE} of silence.
 */
final class Processes {
    static final Duration HEARTBEAT = Duration.ofSeconds(10);
    static final Duration LEASE = Duration.ofSeconds(60);

    private final Dialect dialect;
    private final String id;

    Processes(Dialect dialect, String id) {
        this.dialect = dialect;
        this.id = id;
    }

    String id() {
        return id;
    }

    /** Says that this process is here, at first and from time to time. */
    void heartbeat(WriterSession session) throws SQLException {
        String now = dialect.nowMillis();
        PreparedStatement statement =
                session.prepare(
                        """
                        INSERT INTO process (id, started, heartbeat) VALUES (?, %s, %s)
                        ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat, stopped = NULL\
                        """
                                .formatted(now, now));
        statement.setString(1, id);
        statement.executeUpdate();
    }

    /** Says that this process will write no more. */
    void stopped(WriterSession session) throws SQLException {
        PreparedStatement statement =
                session.prepare(
                        "UPDATE process SET stopped = %s WHERE id = ?"
                                .formatted(dialect.nowMillis()));
        statement.setString(1, id);
        statement.executeUpdate();
    }

    boolean isAlive(WriterSession session, String process) throws SQLException {
        if (process.equals(id)) {
            return true;
        }
        if (dialect.exclusive()) {
            return false;
        }
        PreparedStatement statement =
                session.prepare(
                        "SELECT 1 FROM process WHERE id = ? AND stopped IS NULL AND heartbeat > %s - ?"
                                .formatted(dialect.nowMillis()));
        statement.setString(1, process);
        statement.setLong(2, LEASE.toMillis());
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next();
        }
    }
}
