package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.store.StoreRefused.Reason;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStoreTest extends StoreContract {
    private static final String JUNK =
            "CREATE TABLE junk AS WITH RECURSIVE n(i) AS"
                    + " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
                    + " SELECT i, randomblob(900) AS filler FROM n";

    @TempDir Path directory;

    @Override
    Database fresh() {
        return at("jdbc:sqlite:" + directory.resolve("store.db"));
    }

    @Override
    List<String> lockStatements() {
        return List.of("BEGIN IMMEDIATE");
    }

    @Test
    void theFileIsForItsOwnerOnly() throws Exception {
        open("one");

        assertThat(Files.getPosixFilePermissions(directory.resolve("store.db")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void whatWasCommittedMovesIntoTheFileWithoutTheWriter() throws Exception {
        Store store = open("one");
        for (int i = 0; i < 20; i++) {
            store.auditTrail().intend(intents.next());
        }

        // The file alone, without the log of commits beside it.
        Path alone = directory.resolve("alone.db");
        Database copy = at("jdbc:sqlite:" + alone);
        await().ignoreExceptions()
                .untilAsserted(() -> {
                    Files.copy(
                            directory.resolve("store.db"),
                            alone,
                            StandardCopyOption.REPLACE_EXISTING);
                    assertThat(copy.number("SELECT count(*) FROM certificate")).isEqualTo(20);
                });
    }

    @Test
    void aSecondServerOnTheSameFileIsRefused() throws Exception {
        Store store = open("one");

        assertThatThrownBy(() -> open("two"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_IN_USE))
                .hasMessageContaining("in use by this process");
        assertThat(store.auditTrail().intend(intents.next())).isPositive();

        store.close();
        assertThat(open("three").ledger().certificates(none(), none(), 99, 10)).hasSize(1);
    }

    @Test
    void aFullDatabaseStopsIntentsUntilThereIsRoom() throws Exception {
        open("zero").close();
        database.sql(JUNK);
        long pages = database.number("PRAGMA page_count");
        database = at(database.config().url() + "?max_page_count=" + (pages + 4));
        Store store = open("one");

        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                store.auditTrail().intend(intents.next());
                            }
                        })
                .isInstanceOf(AuditUnavailable.class)
                .hasMessageContaining("full");
        long acknowledged = store.auditLog().entryCount();
        database.sql("DROP TABLE junk");

        awaitIntent(store);
        assertThat(store.auditLog().entryCount()).isEqualTo(acknowledged + 1);
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void denialsOverTheBoundGoOldestFirst() throws Exception {
        open("zero").close();
        for (int i = 1; i <= 5; i++) {
            database.sql(
                    "INSERT INTO denial VALUES ('id%d', %d, 0, 1, '', '', '', '', 0, '', '', '', '', 0, '', '', 0, '', '')"
                            .formatted(i, Intents.NOW.toEpochMilli() - i));
        }
        StoreConfig config = database.config();
        try (Sqlite sqlite = new Sqlite(config);
                Connections connections = Connections.open(sqlite, config)) {
            InstantSource clock = InstantSource.fixed(Intents.NOW);
            Processes processes = new Processes(sqlite, "one");
            EntryWriter entries =
                    new EntryWriter(
                            new LocalBatchRows(),
                            new Chains("one", processes, clock),
                            new Numbering(true));
            GroupCommit idle = new GroupCommit(connections, entries, config, clock);
            StoredDenials denials =
                    new StoredDenials(connections, idle, config.maxWait(), clock, 2);

            int gone = WriterSession.open(connections).transaction(denials::purge);

            assertThat(gone).isEqualTo(3);
            assertThat(denials.byId("id2")).isPresent();
            assertThat(denials.byId("id3")).isEmpty();
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Files.writeString(directory.resolve("store.db"), "not a database at all\n".repeat(500));

        assertThatThrownBy(() -> open("one"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_CORRUPT))
                .hasMessageContaining("damaged");
    }

    @Test
    void aDamagedDatabaseIsRefused() throws Exception {
        Store store = open("one");
        for (int i = 0; i < 200; i++) {
            store.auditTrail().intend(intents.next());
        }
        store.close();
        Path file = directory.resolve("store.db");
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            for (long page = 8; page < raw.length() / 4096 - 4; page++) {
                raw.seek(page * 4096);
                raw.write(new byte[512]);
            }
        }

        assertThatThrownBy(() -> open("two"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_CORRUPT))
                .hasMessageContaining(file.toString());
    }

    @Test
    void settingsInTheUrlDoNotMakeItLessDurable() throws Exception {
        Database careless = at(database.config().url() + "?synchronous=OFF&journal_mode=DELETE");
        try (Sqlite sqlite = new Sqlite(careless.config());
                Connection writer = sqlite.writers().getConnection();
                Connection stranger = careless.connect()) {
            sqlite.checkDurable(writer);

            assertThatThrownBy(() -> sqlite.checkDurable(stranger))
                    .isInstanceOfSatisfying(
                            StoreRefused.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.STORE_NOT_DURABLE))
                    .hasMessageContaining("synchronous=0 (expected: wal, 2)");
        }
    }

    @Test
    void onlyFilesAreSupported() {
        database = at("jdbc:sqlite::memory:");

        assertThatThrownBy(() -> open("one"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.STORE_UNSUPPORTED));
    }

    private static Database at(String url) {
        return new Database(
                new StoreConfig(
                        url,
                        Optional.empty(),
                        Optional.empty(),
                        512,
                        4096,
                        Duration.ofSeconds(10),
                        Duration.ofMillis(100),
                        Duration.ofDays(30)));
    }

    private static <T> Optional<T> none() {
        return Optional.empty();
    }
}
