package dev.countersign.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.store.StoreRefused.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The pools: one connection that writes, a few that read. */
final class Connections implements Reads, AutoCloseable {
    private static final int READERS = Math.max(4, Runtime.getRuntime().availableProcessors());

    private final Dialect dialect;
    private final HikariDataSource writers;
    private final HikariDataSource readers;

    /** By physical connection; each map is used by whoever holds its connection. */
    private final Map<Connection, Map<String, PreparedStatement>> lookUps =
            new ConcurrentHashMap<>();

    private Connections(Dialect dialect, HikariDataSource writers, HikariDataSource readers) {
        this.dialect = dialect;
        this.writers = writers;
        this.readers = readers;
    }

    static Connections open(Dialect dialect, StoreConfig config) throws StoreRefused {
        HikariDataSource writers = null;
        try {
            // Two: the migration wants a second one beside its own, the writer holds one for good.
            writers = pool("store-writer", dialect.writers(), dialect.exclusive() ? 1 : 2, config);
            prepare(dialect, writers);
            HikariDataSource readers = pool("store-reader", dialect.readers(), READERS, config);
            return new Connections(dialect, writers, readers);
        } catch (HikariPool.PoolInitializationException | SQLException e) {
            close(writers);
            throw refusal(dialect, e);
        } catch (StoreRefused e) {
            close(writers);
            throw e;
        }
    }

    /** A connection to write with, in auto-commit mode, its durability read back. */
    Connection writer() throws SQLException {
        Connection connection = writers.getConnection();
        try {
            dialect.checkDurable(connection);
            return connection;
        } catch (StoreRefused e) {
            connection.close();
            throw new SQLException(e.getMessage(), e);
        } catch (SQLException e) {
            writers.evictConnection(connection);
            throw e;
        }
    }

    Dialect dialect() {
        return dialect;
    }

    /** Throws a connection away that may be broken. */
    void evict(Connection connection) {
        writers.evictConnection(connection);
    }

    @Override
    public <T> T read(SqlFunction<Connection, T> query) {
        try (Connection connection = readers.getConnection()) {
            return query.apply(connection);
        } catch (SQLException e) {
            throw new RecordsUnavailable("records cannot be read now: " + e.getMessage(), e);
        }
    }

    /**
     * Looks something up on the hot path, with a statement that is prepared once for each connection:
     * preparing costs SQLite more than the look-up.
     */
    <T> T lookUp(String sql, SqlFunction<PreparedStatement, T> query) {
        try (Connection pooled = readers.getConnection()) {
            // The pool's own connection closes its statements when it is given back.
            Connection physical = pooled.unwrap(Connection.class);
            try {
                return query.apply(prepared(physical, sql));
            } catch (SQLException e) {
                lookUps.remove(physical);
                readers.evictConnection(pooled);
                throw e;
            }
        } catch (SQLException e) {
            throw new RecordsUnavailable("records cannot be read now: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        readers.close();
        writers.close();
    }

    private PreparedStatement prepared(Connection physical, String sql) throws SQLException {
        Map<String, PreparedStatement> known = lookUps.get(physical);
        if (known == null) {
            lookUps.keySet().removeIf(Connections::isClosed);
            known = new HashMap<>();
            lookUps.put(physical, known);
        }
        PreparedStatement statement = known.get(sql);
        if (statement == null) {
            statement = physical.prepareStatement(sql);
            known.put(sql, statement);
        }
        return statement;
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    private static void prepare(Dialect dialect, HikariDataSource writers)
            throws SQLException, StoreRefused {
        try (Connection connection = writers.getConnection()) {
            dialect.checkDurable(connection);
            dialect.checkSound(connection);
        }
        Schema.migrate(dialect, writers);
    }

    private static HikariDataSource pool(
            String name, DataSource source, int size, StoreConfig config) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setDataSource(source);
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(1);
        pool.setConnectionTimeout(Math.max(1000, config.maxWait().toMillis()));
        pool.setRegisterMbeans(false);
        return new HikariDataSource(pool);
    }

    private static StoreRefused refusal(Dialect dialect, Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && dialect.isCorruption(sql)) {
                return new StoreRefused(
                        Reason.STORE_CORRUPT,
                        "store %s: damaged: %s".formatted(dialect.describe(), sql.getMessage()),
                        failure);
            }
        }
        return new StoreRefused(
                Reason.STORE_UNREACHABLE,
                "store %s: %s".formatted(dialect.describe(), failure.getMessage()),
                failure);
    }

    private static void close(@Nullable HikariDataSource pool) {
        if (pool != null) {
            pool.close();
        }
    }
}
