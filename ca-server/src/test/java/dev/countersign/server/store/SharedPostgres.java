package dev.countersign.server.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One real PostgreSQL for all tests of this JVM; each test has a schema of its own. The embedded
 * server starts with both durability settings off: they are set on.
 */
final class SharedPostgres {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private SharedPostgres() {}

    /** Started on first use. */
    private static final class Holder {
        private static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server =
                        EmbeddedPostgres.builder()
                                .setServerConfig("fsync", "on")
                                .setServerConfig("synchronous_commit", "on")
                                .setServerConfig("full_page_writes", "on")
                                .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void stop(EmbeddedPostgres server) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Database fresh(Duration lockTimeout) throws SQLException {
        String schema = "test_" + SCHEMAS.incrementAndGet();
        String url = Holder.SERVER.getJdbcUrl("postgres", "postgres");
        String plain = url.substring(0, url.indexOf('?'));
        new Database(config(plain, lockTimeout)).sql("CREATE SCHEMA " + schema);
        return new Database(config(plain + "?currentSchema=" + schema, lockTimeout));
    }

    private static StoreConfig config(String url, Duration lockTimeout) {
        return new StoreConfig(
                url,
                Optional.of("postgres"),
                Optional.empty(),
                512,
                4096,
                Duration.ofSeconds(10),
                lockTimeout,
                Duration.ofDays(30));
    }
}
