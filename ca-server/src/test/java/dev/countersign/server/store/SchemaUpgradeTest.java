package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two versions side by side: tables of the release before, kept beside this test, are brought up to
 * date, and the statements of that release still do what they did. So tables grow in one release and
 * shrink in a later one, never both.
 */
final class SchemaUpgradeTest {
    private static final String PREVIOUS = "dev/countersign/server/store/previous";

    @TempDir Path folder;

    @Test
    void aServerOfTheReleaseBeforeWorksOnBesideThisOneOnPostgres() throws Exception {
        Database database = SharedPostgres.fresh(Duration.ofSeconds(2));

        upgrade(database, new Postgres(database.config()), "'\\x%s'::bytea");
    }

    @Test
    void tablesOfTheReleaseBeforeAreTakenOverOnSqlite() throws Exception {
        Database database = new Database(StoreConfig.sqlite(folder.resolve("store.db")));

        upgrade(database, new Sqlite(database.config()), "X'%s'");
    }

    private static void upgrade(Database database, Dialect dialect, String blob) throws Exception {
        try (dialect) {
            makePrevious(database, dialect.placeholders());
        }

        try (Store store = Store.open(database.config(), InstantSource.system(), "new")) {
            List<String> statements = statements(blob);
            assertThat(statements).hasSizeGreaterThan(10);
            try (Connection old = database.connect();
                    Statement statement = old.createStatement()) {
                for (String sql : statements) {
                    assertThat(statement.executeUpdate(sql)).as(sql).isPositive();
                }
            }
            // Columns that the old one does not know have values that this one can read.
            assertThat(store.authorityJournal().load().orElseThrow().epoch()).isEqualTo(2);
            assertThat(database.number("SELECT COUNT(*) FROM process WHERE id = 'old'")).isOne();
        }
    }

    private static void makePrevious(Database database, Map<String, String> placeholders) {
        Flyway.configure()
                .dataSource(database.config().url(), database.config().user().orElse(null), null)
                .locations("classpath:" + PREVIOUS)
                .placeholders(placeholders)
                .table("schema_history")
                .load()
                .migrate();
    }

    private static List<String> statements(String blob) throws Exception {
        try (var in =
                SchemaUpgradeTest.class
                        .getClassLoader()
                        .getResourceAsStream(PREVIOUS + "/statements.sql")) {
            assertThat(in).isNotNull();
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.isBlank())
                    .map(line ->
                            line.replaceAll(
                                    "\\$\\{blob:([0-9a-f]+)}",
                                    blob.formatted("$1").replace("\\", "\\\\")))
                    .map(line -> line.substring(0, line.lastIndexOf(';')))
                    .toList();
        }
    }
}
