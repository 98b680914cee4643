package dev.countersign.deploy.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** A real PostgreSQL, durable, until it is told to stop: prints its JDBC URL. */
public final class Postgres {
    private Postgres() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        EmbeddedPostgres postgres =
                EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .start();
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            try {
                                postgres.close();
                            } catch (IOException left) {
                                System.err.println("left behind: " + left);
                            }
                        }));
        System.out.println(postgres.getJdbcUrl("postgres", "postgres"));
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
