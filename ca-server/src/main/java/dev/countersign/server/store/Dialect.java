package dev.countersign.server.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** The few differences between the databases. Everything else is one set of SQL. */
sealed interface Dialect extends AutoCloseable permits Sqlite, Postgres {
    /** What a person sees: database, place, and the settings that make it durable. */
    String describe();

    /** Connections that write; there is one at a time. */
    DataSource writers();

    /** Connections that only read. */
    DataSource readers();

    /** Migration placeholders. */
    Map<String, String> placeholders();

    /**
     * The statement that starts a writing transaction on a connection in auto-commit mode; empty when
     * the driver does that by itself and auto-commit is to be off.
     */
    Optional<String> begin();

    /** Whether no other server can work on this database while this one does. */
    boolean exclusive();

    /**
     * A query that takes the lead among servers until the transaction ends, and says whether it did;
     * empty where there is one server.
     */
    Optional<String> leaderLock();

    /** How the rows of a batch are written. */
    BatchRows batchRows();

    /** An expression for the database's own clock, in milliseconds. */
    String nowMillis();

    /**
     * Reads back the settings that make a commit survive power loss.
     *
     * @param connection in auto-commit mode
     */
    void checkDurable(Connection connection) throws SQLException, StoreRefused;

    /** Looks for damage, as far as that is quick. */
    void checkSound(Connection connection) throws SQLException, StoreRefused;

    /** Whether a failure says that the file is damaged. */
    boolean isCorruption(SQLException e);

    /** Starts what has to be done beside the writer from time to time; it ends when closed. */
    Background background();

    /** Work beside the writer's. */
    @FunctionalInterface
    interface Background extends AutoCloseable {
        @Override
        void close();
    }

    /** Lets others have the database. */
    @Override
    void close();
}
