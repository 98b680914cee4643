package dev.countersign.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.store.StoreRefused.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The pools: one connection that writes, a few that read. */
final class Connections implements Reads, AutoCloseable {
    private static final int READERS = 4;

    private final Dialect dialect;
    private final HikariDataSource writers;
    private final HikariDataSource readers;

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

    @Override
    public void close() {
        readers.close();
        writers.close();
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
