package dev.countersign.server.store;

import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityJournal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Copies of the records, made beside a server that runs and put back while none does. */
public final class StoreCopies {
    private static final int BUSY_MILLIS = 10_000;

    private StoreCopies() {}

    /** Whether the records are in one file. */
    public static boolean isFile(StoreConfig config) {
        return config.url().startsWith(Sqlite.PREFIX);
    }

    /**
     * Copies the whole database as of one moment into a new file. A server may go on writing.
     *
     * @throws RecordsUnavailable when it cannot be read, or the copy not be written
     */
    public static void copy(StoreConfig config, Path to) {
        try (Connection connection = sqlite(Sqlite.fileOf(config.url())).getConnection();
                PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, to.toString());
            statement.execute();
        } catch (SQLException | StoreRefused e) {
            throw new RecordsUnavailable("records cannot be copied: " + e.getMessage(), e);
        }
    }

    /**
     * What the authority's journal says; empty when there is none. Reads only, and does not
     * migrate.
     *
     * @throws RecordsUnavailable when there is no database, or it is damaged
     */
    public static Optional<AuthorityJournal.State> journal(StoreConfig config) {
        try {
            if (isFile(config)) {
                return journal(Sqlite.fileOf(config.url()));
            }
            try (Postgres postgres = new Postgres(config);
                    Connection connection = postgres.readers().getConnection()) {
                return StoredAuthorityJournal.load(connection);
            }
        } catch (SQLException | StoreRefused e) {
            throw new RecordsUnavailable("records cannot be read: " + e.getMessage(), e);
        }
    }

    /** As {@link #journal(StoreConfig)}, of a copy. */
    public static Optional<AuthorityJournal.State> journal(Path copy) {
        if (Files.notExists(copy)) {
            return Optional.empty();
        }
        try (Connection connection = sqlite(copy).getConnection()) {
            check(connection);
            return StoredAuthorityJournal.load(connection);
        } catch (SQLException e) {
            throw new RecordsUnavailable("records cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Puts a copy in the place of the database, durably. What is there is kept beside it.
     *
     * @return the names of the files that were moved aside
     * @throws StoreRefused {@code STORE_IN_USE} while a server runs
     */
    public static List<Path> restore(StoreConfig config, InputStream copy, Instant now)
            throws StoreRefused, IOException {
        Path file = Sqlite.fileOf(config.url());
        try (SqliteLock lock = SqliteLock.take(file)) {
            Path incoming = file.resolveSibling(file.getFileName() + ".incoming");
            Files.deleteIfExists(incoming);
            Files.createFile(
                    incoming,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            try (FileChannel channel = FileChannel.open(incoming, StandardOpenOption.WRITE)) {
                copy.transferTo(java.nio.channels.Channels.newOutputStream(channel));
                channel.force(true);
            }
            List<Path> aside = moveAside(file, now);
            Files.move(incoming, file, StandardCopyOption.ATOMIC_MOVE);
            dev.countersign.runtime.AtomicFiles.syncDirectory(
                    file.toAbsolutePath().resolveSibling(".").normalize());
            return aside;
        }
    }

    private static List<Path> moveAside(Path file, Instant now) throws IOException {
        List<Path> aside = new ArrayList<>();
        // The log first: without its database it means nothing, with another it would be applied.
        for (String part : List.of("-wal", "-shm", "")) {
            Path from = file.resolveSibling(file.getFileName() + part);
            if (Files.exists(from)) {
                Path to =
                        file.resolveSibling(
                                file.getFileName() + ".before-" + now.toEpochMilli() + part);
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
                aside.add(to);
            }
        }
        return aside;
    }

    private static void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (!rows.next() || !rows.getString(1).equals("ok")) {
                throw new SQLException("damaged");
            }
        }
    }

    private static SQLiteDataSource sqlite(Path file) {
        SQLiteConfig settings = new SQLiteConfig();
        settings.setBusyTimeout(BUSY_MILLIS);
        SQLiteDataSource source = new SQLiteDataSource(settings);
        source.setUrl(Sqlite.PREFIX + file.toAbsolutePath());
        return source;
    }
}
