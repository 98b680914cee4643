package dev.countersign.server.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what SQLite's log of commits holds into the file, on a thread of its own, so that no caller
 * waits while thousands of pages are written and flushed. Passive: it never stops the writer, nor a
 * reader. What it does not come to, because commits never pause, the writer does itself once the log
 * is long; that is little then, for only what is not moved yet is.
 */
final class Checkpoints implements Dialect.Background {
    private static final long PERIOD_MILLIS = 1000;

    /** The second moves what was committed during the first; so the log can start over. */
    private static final int PASSES = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private final DataSource source;
    private final Thread thread;

    private Checkpoints(DataSource source) {
        this.source = source;
        this.thread = Thread.ofPlatform().name("store-checkpoint").daemon().unstarted(this::run);
    }

    static Checkpoints start(DataSource source) {
        Checkpoints checkpoints = new Checkpoints(source);
        checkpoints.thread.start();
        return checkpoints;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PERIOD_MILLIS);
                moveFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** With one connection for as long as it works. */
    private void moveFor() throws InterruptedException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            while (true) {
                for (int pass = 0; pass < PASSES; pass++) {
                    move(statement);
                }
                Thread.sleep(PERIOD_MILLIS);
            }
        } catch (SQLException e) {
            // Nothing is lost: the writer does the same work later, and says what ails the file.
            LOG.atDebug().setCause(e).log("checkpoint put off");
        }
    }

    private static void move(Statement statement) throws SQLException {
        try (ResultSet moved = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            if (moved.next()) {
                LOG.atTrace()
                        .addKeyValue("pages", moved.getInt(2))
                        .addKeyValue("moved", moved.getInt(3))
                        .log("checkpoint");
            }
        }
    }
}
