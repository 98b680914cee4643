package dev.countersign.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Work that one server does for all, such as clearing away: whoever gets the database's advisory lock
 * does it, in the transaction that holds the lock. There is no time at which two lead, and nothing
 * that a server does after it was paused or cut off can count: the database has ended its transaction.
 */
final class Leader {
    private final Optional<String> lock;

    Leader(Dialect dialect) {
        this.lock = dialect.leaderLock();
    }

    /** Takes the lead until the transaction ends; false when another server has it. */
    boolean leads(WriterSession session) throws SQLException {
        if (lock.isEmpty()) {
            return true;
        }
        try (ResultSet rows = session.prepare(lock.get()).executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    /** The work, when this server leads; else what stands for nothing done. */
    <T> SqlFunction<WriterSession, T> only(SqlFunction<WriterSession, T> work, T otherwise) {
        return session -> leads(session) ? work.apply(session) : otherwise;
    }
}
