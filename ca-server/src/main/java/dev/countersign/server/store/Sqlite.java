package dev.countersign.server.store;

import dev.countersign.server.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;

/**
 * SQLite in one file: WAL, so that readers and the one writer never wait for each other, and {@code
 * synchronous=FULL}, so that each commit is flushed.
 */
final class Sqlite implements Dialect {
    static final String PREFIX = "jdbc:sqlite:";

    /** {@code PRAGMA synchronous}: 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA. */
    private static final int FULL = 2;

    /** Files up to this size are checked for damage at every start: about a third of a second. */
    private static final long MAX_CHECKED_BYTES = 256L << 20;

    /** Pages in the WAL before the writer itself moves what {@link Checkpoints} did not: 128 MiB. */
    private static final int CHECKPOINT_PAGES = 32_768;

    private static final int CACHE_KIB = 65_536;
    private static final Logger LOG = LoggerFactory.getLogger(Sqlite.class);

    private final StoreConfig config;
    private final Path file;
    private final SqliteLock lock;

    Sqlite(StoreConfig config) throws StoreRefused {
        this.config = config;
        this.file = fileOf(config.url());
        this.lock = SqliteLock.take(file);
        try {
            createPrivate();
        } catch (StoreRefused e) {
            lock.close();
            throw e;
        }
    }

    @Override
    public String describe() {
        return "SQLite " + file + " (WAL, synchronous=FULL)";
    }

    @Override
    public DataSource writers() {
        SQLiteConfig settings = settings();
        settings.setCacheSize(-CACHE_KIB);
        // Else each insert of many rows makes and deletes a file for its undo journal.
        settings.setTempStore(SQLiteConfig.TempStore.MEMORY);
        settings.setPragma(
                SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, Integer.toString(CHECKPOINT_PAGES));
        return source(settings);
    }

    @Override
    public DataSource readers() {
        return source(settings());
    }

    @Override
    public Map<String, String> placeholders() {
        return Map.of("key", "INTEGER", "bytes", "BLOB", "clustered", "WITHOUT ROWID", "roomy", "");
    }

    /**
     * The driver's own transactions begin again with every commit: they would hold the write lock
     * for ever, and a failure to begin would look like a failure to commit.
     */
    @Override
    public Optional<String> begin() {
        return Optional.of("BEGIN IMMEDIATE");
    }

    @Override
    public boolean exclusive() {
        return true;
    }

    @Override
    public Optional<String> leaderLock() {
        return Optional.empty();
    }

    @Override
    public BatchRows batchRows() {
        return new LocalBatchRows();
    }

    @Override
    public String nowMillis() {
        return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
    }

    @Override
    public void checkDurable(Connection connection) throws SQLException, StoreRefused {
        String journal = pragma(connection, "journal_mode");
        String synchronous = pragma(connection, "synchronous");
        if (!journal.equalsIgnoreCase("wal") || Integer.parseInt(synchronous) < FULL) {
            throw new StoreRefused(
                    Reason.STORE_NOT_DURABLE,
                    "store %s: journal_mode=%s synchronous=%s (expected: wal, 2)"
                            .formatted(file, journal, synchronous));
        }
    }

    @Override
    public void checkSound(Connection connection) throws SQLException, StoreRefused {
        long bytes = file.toFile().length();
        if (bytes > MAX_CHECKED_BYTES) {
            LOG.atInfo()
                    .addKeyValue("file", file)
                    .addKeyValue("bytes", bytes)
                    .log("database too large to check for damage at start");
            return;
        }
        String verdict = pragma(connection, "quick_check(1)");
        if (!verdict.equals("ok")) {
            throw new StoreRefused(Reason.STORE_CORRUPT, "store " + file + ": damaged: " + verdict);
        }
    }

    @Override
    public boolean isCorruption(SQLException e) {
        int primary = e.getErrorCode() & 0xff;
        return primary == SQLiteErrorCode.SQLITE_CORRUPT.code
                || primary == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    @Override
    public Background background() {
        return Checkpoints.start(source(settings()));
    }

    @Override
    public void close() {
        lock.close();
    }

    private SQLiteConfig settings() {
        SQLiteConfig settings = new SQLiteConfig();
        settings.setJournalMode(SQLiteConfig.JournalMode.WAL);
        settings.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        settings.enforceForeignKeys(true);
        settings.setBusyTimeout((int) config.lockTimeout().toMillis());
        settings.setGetGeneratedKeys(false);
        return settings;
    }

    private DataSource source(SQLiteConfig settings) {
        SQLiteDataSource source = new SQLiteDataSource(settings);
        source.setUrl(config.url());
        return source;
    }

    /** SQLite gives its other files the permissions of the first. */
    private void createPrivate() throws StoreRefused {
        try {
            if (Files.notExists(file)) {
                Files.createFile(
                        file,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
            }
        } catch (IOException e) {
            throw new StoreRefused(
                    Reason.STORE_UNREACHABLE, "store " + file + ": cannot be created: " + e, e);
        }
    }

    /** Where the file is. */
    static Path fileOf(String url) throws StoreRefused {
        String name = url.substring(PREFIX.length());
        int query = name.indexOf('?');
        String path = query < 0 ? name : name.substring(0, query);
        if (path.isEmpty() || path.startsWith(":") || path.startsWith("file:")) {
            throw new StoreRefused(
                    Reason.STORE_UNSUPPORTED,
                    "store.url: "
                            + PREFIX
                            + path
                            + " (expected: jdbc:sqlite: and the path of a file)");
        }
        return Path.of(path).toAbsolutePath();
    }

    private static String pragma(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
