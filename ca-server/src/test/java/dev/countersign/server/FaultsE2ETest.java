package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.IssueOperatorCertificateRequest;
import dev.countersign.wire.v1.IssuedCertificate;
import dev.countersign.wire.v1.ListCertificatesRequest;
import dev.countersign.wire.v1.VerifyLogRequest;
import dev.countersign.wire.v1.VerifyLogResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong around a server, and what it does then. */
class FaultsE2ETest {
    private final MutableClock clock = MutableClock.create();

    @TempDir private Path folder;

    @Test
    void nothingIsSignedWhileTheLogCannotBeWritten() throws Exception {
        try (RunningServer server = RunningServer.start(folder, clock)) {
            String token = server.token("shop", "web", "web-0");
            ManagedChannel channel = server.connect();
            Refusal refusal;
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database());
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN EXCLUSIVE");
                refusal =
                        RunningServer.refusal(
                                catchThrowableOfType(
                                        StatusRuntimeException.class,
                                        () ->
                                                RunningServer.issue(
                                                        channel, token, Csrs.of(Csrs.p256()))));
                statement.execute("ROLLBACK");
            }

            assertThat(refusal.reason()).isEqualTo("LOG_UNAVAILABLE");
            assertThat(refusal.code()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(refusal.retryInfo()).isTrue();
            assertThat(
                            server.admin()
                                    .listCertificates(
                                            ListCertificatesRequest.newBuilder()
                                                    .setIdentity("shop/web")
                                                    .build())
                                    .getCertificatesList())
                    .isEmpty();
            Awaitility.await()
                    .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                    .untilAsserted(() -> server.svid("shop", "web", "web-0"));
        }
    }

    @Test
    void aFullDiskStopsSigningIsSaidAndIsOverWhenThereIsRoomAgain() throws Exception {
        RunningServer.start(folder, clock).close();
        long pages = fill();
        String url = "jdbc:sqlite:" + database() + "?max_page_count=" + (pages + 48);
        try (RunningServer server =
                RunningServer.start(folder, clock, "store: {url: '" + url + "'}")) {
            ManagedChannel channel = server.connect();
            AtomicInteger issued = new AtomicInteger();

            Refusal refusal = issueUntilRefused(server, channel, issued);

            assertThat(refusal.reason()).isEqualTo("LOG_UNAVAILABLE");
            assertThat(refusal.code()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(refusal.retryInfo()).isTrue();
            // Small entries find room a little longer: until none does, it comes and goes.
            Awaitility.await()
                    .untilAsserted(() -> {
                        issueUntilRefused(server, channel, issued);
                        assertThat(ready(server)).contains("\"ready\":false").contains("full");
                    });
            assertThat(certificates(server, "shop/web")).hasSize(issued.get());

            sql("DROP TABLE junk");

            Awaitility.await()
                    .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                    .untilAsserted(() -> server.svid("shop", "web", "web-1"));
            Awaitility.await()
                    .untilAsserted(() -> assertThat(ready(server)).doesNotContain("full"));
            assertThat(intact(server)).isTrue();
        }
    }

    @Test
    void anOperatorIsNotCertifiedWhileTheLogCannotBeWritten() throws Exception {
        try (RunningServer server =
                RunningServer.start(folder, clock, "admin: {operators: {alice: viewer}}")) {
            IssueOperatorCertificateRequest request =
                    IssueOperatorCertificateRequest.newBuilder()
                            .setName("alice")
                            .setLifeSeconds(600)
                            .setCsr(ByteString.copyFrom(Csrs.of(Csrs.p256())))
                            .build();
            Refusal refusal;
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database());
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN EXCLUSIVE");
                refusal =
                        RunningServer.refusal(
                                catchThrowableOfType(
                                        StatusRuntimeException.class,
                                        () -> server.admin().issueOperatorCertificate(request)));
                statement.execute("ROLLBACK");
            }

            assertThat(refusal.reason()).isEqualTo("LOG_UNAVAILABLE");
            assertThat(refusal.message()).contains("nothing was changed");
            assertThat(
                            server.admin()
                                    .listCertificates(ListCertificatesRequest.getDefaultInstance())
                                    .getCertificatesList())
                    .noneMatch(certificate -> certificate.getSpiffeId().contains("operator"));
        }
    }

    @Test
    void aRestartKeepsRootEpochAndLog() throws Exception {
        List<?> roots;
        long epoch;
        try (RunningServer first = RunningServer.start(folder, clock)) {
            first.svid("shop", "web", "web-0");
            roots = first.bundles().current().roots();
            epoch = first.bundles().epoch();
        }
        try (RunningServer second = RunningServer.start(folder, clock)) {
            second.svid("shop", "web", "web-0");

            assertThat(second.bundles().current().roots()).isEqualTo(roots);
            assertThat(second.bundles().epoch()).isGreaterThanOrEqualTo(epoch);
            assertThat(intact(second)).isTrue();
        }
    }

    @Test
    void keysThatCannotBeTrustedStopTheStart() throws Exception {
        try (RunningServer first = RunningServer.start(folder, clock)) {
            assertThat(first.server().port()).isPositive();
        }
        Path key = keyFile();
        byte[] good = Files.readAllBytes(key);
        Path passphrase = folder.resolve("passphrase");

        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> RunningServer.start(folder, clock))
                .hasMessageContaining(key.getFileName().toString());

        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        byte[] corrupt = good.clone();
        corrupt[corrupt.length / 2] ^= 1;
        Files.write(key, corrupt);
        assertThatThrownBy(() -> RunningServer.start(folder, clock))
                .hasMessageContaining(key.getFileName().toString());

        Files.write(key, good);
        RunningServer.prepare(folder, clock, "ioThreads: 1");
        Files.writeString(
                RunningServer.configFile(folder),
                Files.readString(RunningServer.configFile(folder))
                        .replace(passphrase.toString(), folder.resolve("another").toString()));
        Files.writeString(folder.resolve("another"), "not the passphrase of these keys\n");
        Files.setPosixFilePermissions(
                folder.resolve("another"), PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> start(RunningServer.configFile(folder)))
                .hasMessageContaining("passphrase");
    }

    @Test
    void aSecondServerOnTheSameDatabaseIsRefused() throws Exception {
        try (RunningServer first = RunningServer.start(folder, clock)) {
            assertThatThrownBy(() -> RunningServer.start(folder, clock))
                    .hasMessageContaining("in use");

            assertThat(first.svid("shop", "web", "web-0").chain()).isNotEmpty();
        }
    }

    @Test
    void aClockThatJumpsPastTheIntermediateLeavesACaThatIssues() throws Exception {
        try (RunningServer server = RunningServer.start(folder, clock)) {
            clock.advance(Duration.ofDays(40));

            // The serving certificate is over too: upkeep makes both anew.
            Awaitility.await()
                    .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                    .untilAsserted(() -> server.svid("shop", "web", "web-0"));
        }
    }

    @Test
    void garbageAndHalfOpenConnectionsHurtNobodyElse() throws Exception {
        try (RunningServer server = RunningServer.start(folder, clock)) {
            List<Socket> open = new ArrayList<>();
            try {
                for (int i = 0; i < 20; i++) {
                    Socket silent = socket(server);
                    open.add(silent);
                    Socket half = socket(server);
                    // A record that promises 512 bytes of ClientHello and brings one.
                    half.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
                    open.add(half);
                    Socket garbage = socket(server);
                    garbage.getOutputStream()
                            .write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    open.add(garbage);
                }

                assertThat(server.svid("shop", "web", "web-0").chain()).isNotEmpty();
                Socket garbage = open.getLast();
                garbage.setSoTimeout(60_000);
                assertThat(ended(garbage)).isTrue();
            } finally {
                for (Socket socket : open) {
                    socket.close();
                }
            }
        }
    }

    private static Refusal issueUntilRefused(
            RunningServer server, ManagedChannel channel, AtomicInteger issued) {
        while (issued.get() < 1000) {
            try {
                RunningServer.issue(
                        channel, server.token("shop", "web", "web-0"), Csrs.of(Csrs.p256()));
                issued.incrementAndGet();
            } catch (StatusRuntimeException refused) {
                return RunningServer.refusal(refused);
            }
        }
        throw new AssertionError("the disk does not get full");
    }

    private Path database() {
        return folder.resolve("data/countersign.db");
    }

    /** Takes room that a test can give back; how large the database is then, in pages. */
    private long fill() throws SQLException {
        sql(
                "CREATE TABLE junk AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT randomblob(4000) AS bytes FROM n");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA page_count")) {
            return rows.getLong(1);
        }
    }

    private void sql(String text) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static String ready(RunningServer server) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:"
                                                            + server.server().opsPort()
                                                            + "/healthz/ready"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static List<IssuedCertificate> certificates(RunningServer server, String identity) {
        return server.admin()
                .listCertificates(
                        ListCertificatesRequest.newBuilder()
                                .setIdentity(identity)
                                .setPageSize(1000)
                                .build())
                .getCertificatesList();
    }

    private static boolean intact(RunningServer server) {
        VerifyLogResponse[] last = {VerifyLogResponse.getDefaultInstance()};
        server.admin()
                .verifyLog(VerifyLogRequest.getDefaultInstance())
                .forEachRemaining(news -> last[0] = news);
        assertThat(last[0].getProblemsList()).isEmpty();
        return last[0].getIntact();
    }

    private static Socket socket(RunningServer server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.server().port());
    }

    /** Whether the other side closes; an alert may come first. */
    private static boolean ended(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // the alert
            }
            return true;
        } catch (java.net.SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static CaServer start(Path config) throws Exception {
        return CaServer.start(
                ServerConfigReader.read(
                        dev.countersign.runtime.ConfigReader.load(config, java.util.Map.of())),
                MutableClock.create(),
                new java.security.SecureRandom());
    }

    private Path keyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("data/keys"))) {
            return files.filter(f -> f.getFileName().toString().startsWith("root-1"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
