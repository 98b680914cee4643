package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.audit.AuditVerifier.Progress;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.testing.Svid;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that share a real PostgreSQL, and what becomes of them while it cannot be reached. */
final class ReplicasE2ETest {
    /** A minute with {@code -Dcountersign.full=true}. */
    private static final Duration OUTAGE =
            Boolean.getBoolean("countersign.full") ? Duration.ofSeconds(60) : Duration.ofSeconds(3);

    private static final Duration RECOVERY = Duration.ofSeconds(15);

    @TempDir Path folder;

    @Test
    void replicasShareTheRootAndEachHasAnIntermediateOfItsOwn() throws Exception {
        Database database = SharedPostgres.fresh(Duration.ofSeconds(2));
        String store = store(database.config().url());
        try (RunningServer one = server("one", store)) {
            replicate("one", "two");
            try (RunningServer two = server("two", store)) {
                Svid first = one.svid("shop", "web", "web-0");
                KeyPair keys = Csrs.p256();
                Svid renewed =
                        two.svid(
                                keys,
                                RunningServer.issue(
                                        two.connect(first),
                                        two.token("shop", "web", "web-0"),
                                        Csrs.of(keys)));

                assertThat(two.verifier().verify(first.chain()).id()).isEqualTo(first.peer().id());
                assertThat(one.verifier().verify(renewed.chain()).id())
                        .isEqualTo(first.peer().id());
                assertThat(renewed.peer().issuerKeyId()).isNotEqualTo(first.peer().issuerKeyId());
                assertThat(two.bundles().epoch()).isEqualTo(one.bundles().epoch());
            }

            one.svid("shop", "web", "web-1");
        }
    }

    @Test
    void withoutItsDatabaseAServerPausesAndSaysWhenToComeBack() throws Exception {
        Database database = SharedPostgres.fresh(Duration.ofSeconds(2));
        URI direct = URI.create(database.config().url().substring("jdbc:".length()));
        try (CuttableProxy way = CuttableProxy.to(direct.getPort())) {
            String url =
                    database.config()
                            .url()
                            .replace(":" + direct.getPort() + "/", ":" + way.port() + "/");
            try (RunningServer server = server("one", store(url))) {
                Set<String> serials = new HashSet<>();
                serials.add(serial(server.svid("shop", "web", "web-0")));
                ManagedChannel channel = server.connect();

                way.cut();
                int refused = 0;
                long end = System.nanoTime() + OUTAGE.toNanos();
                while (System.nanoTime() - end < 0) {
                    Refusal refusal = refusal(server, channel, "web-" + refused++);
                    assertThat(refusal.code())
                            .isIn(Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED);
                    assertThat(refusal.retryInfo()).as(refusal.toString()).isTrue();
                }
                way.mend();

                assertThat(refused).isPositive();
                await().atMost(RECOVERY)
                        .ignoreExceptions()
                        .until(() -> serials.add(serial(server.svid("shop", "web", "web-9"))));
                Progress verdict = verify(database);
                assertThat(verdict.problems()).isEmpty();
                assertThat(database.number("SELECT COUNT(*) FROM certificate WHERE outcome = 1"))
                        .isGreaterThanOrEqualTo(serials.size());
            }
        }
    }

    private RunningServer server(String name, String store) throws Exception {
        return RunningServer.start(
                Files.createDirectories(folder.resolve(name)), InstantSource.system(), store);
    }

    /** Replicas have one vault; with files that is one folder, copied or mounted. */
    private void replicate(String from, String to) throws IOException {
        Path source = folder.resolve(from);
        Path target = folder.resolve(to);
        Files.createDirectories(target.resolve("data"));
        try (Stream<Path> issuer = Files.list(source)) {
            for (Path file : issuer.filter(path -> path.toString().contains("issuer")).toList()) {
                copy(file, target.resolve(file.getFileName()));
            }
        }
        Files.createDirectories(target.resolve("data/keys"));
        try (Stream<Path> keys = Files.list(source.resolve("data/keys"))) {
            for (Path file : keys.toList()) {
                copy(file, target.resolve("data/keys").resolve(file.getFileName()));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static String store(String url) {
        return "store: {url: \"" + url + "\", user: postgres}";
    }

    private static Refusal refusal(RunningServer server, ManagedChannel channel, String pod) {
        byte[] csr = Csrs.of(Csrs.p256());
        String token = server.token("shop", "web", pod);
        StatusRuntimeException refused =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> RunningServer.issue(channel, token, csr));
        assertThat(refused).as("issued without a log").isNotNull();
        return RunningServer.refusal(refused);
    }

    private static Progress verify(Database database) throws StoreRefused {
        try (Store store = Store.open(database.config(), InstantSource.system(), "verifier")) {
            return store.auditVerifier().verify(store.certificatesKeptSince(), progress -> {});
        }
    }

    private static String serial(Svid svid) {
        return svid.leaf().getSerialNumber().toString(16);
    }
}
