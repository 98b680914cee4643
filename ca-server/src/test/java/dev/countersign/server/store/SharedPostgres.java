package dev.countersign.server.store;

import dev.countersign.testing.Patience;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
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
                                .setPGStartupWait(Patience.OF_TESTS)
                                .setPort(port())
                                .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Below those that the kernel gives to the tests beside this one until it has started. */
        private static int port() throws IOException {
            Random random = new Random();
            for (int i = 0; i < 100; i++) {
                int port = random.nextInt(20_000, 30_000);
                try (ServerSocket probe =
                        new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                    return probe.getLocalPort();
                } catch (BindException taken) {
                    // the next one
                }
            }
            throw new IOException("no free port from 20000 to 29999");
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
