package dev.countersign.server.store;

import dev.countersign.server.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL, shared by any number of servers. */
final class Postgres implements Dialect {
    static final String PREFIX = "jdbc:postgresql:";

    private static final Set<String> FLUSHED = Set.of("on", "remote_apply");
    private static final int WRITE_TIMEOUT_SECONDS = 10;

    /** The verifier counts whole tables. */
    private static final int READ_TIMEOUT_SECONDS = 120;

    private final StoreConfig config;
    private final String password;

    Postgres(StoreConfig config) throws StoreRefused {
        this.config = config;
        this.password = password(config);
    }

    @Override
    public String describe() {
        int query = config.url().indexOf('?');
        String place = query < 0 ? config.url() : config.url().substring(0, query);
        return "PostgreSQL " + place.substring(PREFIX.length()) + " (fsync, synchronous_commit)";
    }

    @Override
    public DataSource writers() {
        PGSimpleDataSource source = source(WRITE_TIMEOUT_SECONDS);
        String asked = source.getOptions();
        String lockTimeout = "-c lock_timeout=" + config.lockTimeout().toMillis();
        source.setOptions(asked == null ? lockTimeout : asked + " " + lockTimeout);
        return source;
    }

    @Override
    public DataSource readers() {
        PGSimpleDataSource source = source(READ_TIMEOUT_SECONDS);
        source.setReadOnly(true);
        return source;
    }

    @Override
    public Map<String, String> placeholders() {
        return Map.of(
                "key",
                "BIGINT",
                "bytes",
                "BYTEA",
                "clustered",
                "",
                "roomy",
                "WITH (fillfactor = 80)");
    }

    @Override
    public Optional<String> begin() {
        return Optional.empty();
    }

    @Override
    public boolean exclusive() {
        return false;
    }

    /** The first number is ours among the locks of the database, the second tells schemas apart. */
    @Override
    public Optional<String> leaderLock() {
        return Optional.of(
                "SELECT pg_try_advisory_xact_lock(1668248163, hashtext(current_schema()))");
    }

    @Override
    public BatchRows batchRows() {
        return new PipelinedBatchRows();
    }

    @Override
    public String nowMillis() {
        return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
    }

    @Override
    public void checkDurable(Connection connection) throws SQLException, StoreRefused {
        String fsync = show(connection, "fsync");
        String commit = show(connection, "synchronous_commit");
        if (!fsync.equals("on") || !FLUSHED.contains(commit)) {
            throw new StoreRefused(
                    Reason.STORE_NOT_DURABLE,
                    "store %s: fsync=%s synchronous_commit=%s (expected: on, on)"
                            .formatted(describe(), fsync, commit));
        }
    }

    @Override
    public void checkSound(Connection connection) {
        // PostgreSQL answers for its own files; there is no quick check to ask for.
    }

    @Override
    public boolean isCorruption(SQLException e) {
        // Class XX: data_corrupted, index_corrupted.
        return "XX001".equals(e.getSQLState()) || "XX002".equals(e.getSQLState());
    }

    /** The server does what is needed. */
    @Override
    public Background background() {
        return () -> {};
    }

    @Override
    public void close() {
        // Nothing is held besides the connections.
    }

    private PGSimpleDataSource source(int timeoutSeconds) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(config.url());
        config.user().ifPresent(source::setUser);
        if (!password.isEmpty()) {
            source.setPassword(password);
        }
        source.setApplicationName("countersign");
        source.setTcpKeepAlive(true);
        source.setSocketTimeout(timeoutSeconds);
        source.setConnectTimeout(WRITE_TIMEOUT_SECONDS);
        source.setPrepareThreshold(2);
        return source;
    }

    private static String password(StoreConfig config) throws StoreRefused {
        if (config.passwordFile().isEmpty()) {
            return "";
        }
        Path file = config.passwordFile().get();
        try {
            return Files.readAllLines(file).stream().findFirst().orElse("");
        } catch (IOException e) {
            throw new StoreRefused(
                    Reason.STORE_UNREACHABLE, "store.passwordFile: " + file + ": " + e, e);
        }
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW " + setting)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
