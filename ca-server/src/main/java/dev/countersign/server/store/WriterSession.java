package dev.countersign.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The writer's connection with its prepared statements, outside a transaction between calls. Owned
 * by the writer thread.
 */
final class WriterSession {
    private final Connections connections;
    private final Connection connection;
    private final Optional<String> begin;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    private WriterSession(Connections connections, Connection connection, Optional<String> begin) {
        this.connections = connections;
        this.connection = connection;
        this.begin = begin;
    }

    static WriterSession open(Connections connections) throws SQLException {
        Connection connection = connections.writer();
        try {
            Optional<String> begin = connections.dialect().begin();
            connection.setAutoCommit(begin.isPresent());
            return new WriterSession(connections, connection, begin);
        } catch (SQLException e) {
            connections.evict(connection);
            throw e;
        }
    }

    /** The statement for this text, prepared once and closed with the session. */
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known != null) {
            return known;
        }
        PreparedStatement prepared = connection.prepareStatement(sql);
        statements.put(sql, prepared);
        return prepared;
    }

    /** For reading within the transaction; not to be closed. */
    Connection connection() {
        return connection;
    }

    /** Starts a transaction; there is none. */
    void begin() throws SQLException {
        if (begin.isPresent()) {
            prepare(begin.get()).execute();
        }
    }

    /** Makes the transaction durable. */
    void commit() throws SQLException {
        if (begin.isPresent()) {
            prepare("COMMIT").execute();
        } else {
            connection.commit();
        }
    }

    void rollback() throws SQLException {
        if (begin.isPresent()) {
            prepare("ROLLBACK").execute();
        } else {
            connection.rollback();
        }
    }

    /** Runs a transaction of its own. On failure the session must be discarded. */
    <T> T transaction(SqlFunction<WriterSession, T> work) throws SQLException {
        begin();
        T value = work.apply(this);
        commit();
        return value;
    }

    /** Ends the session; closing the connection rolls back what was not committed. */
    void discard() {
        connections.evict(connection);
    }
}
