package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.trust.ExpectedPeer;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.ResumeRotationRequest;
import dev.countersign.wire.v1.RotationBlocker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifiers without an agent, by the commands and the port that outsiders use. */
final class ExternalVerifierE2ETest {
    private static final String GATEWAY = "external/gateway";

    @TempDir Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private RunningServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "bundleEndpoint: {listen: \"127.0.0.1:0\"}",
                        "rotation: {dwell: 0s, lease: 1s}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRotationWaitsUntilTheVerifierHasFetchedTheBundle() throws Exception {
        String token = register("gateway");
        assertThat(get("/bundle.json", Optional.of(token)).statusCode()).isEqualTo(200);
        run(0, "root", "rotate", "--yes", "--no-wait");

        RotationBlocker blocker = blockedBy(GATEWAY);

        assertThat(blocker.getCode()).isEqualTo("VERIFIER_NOT_LOADED");
        assertThat(blocker.getExcludable()).isTrue();
        assertThat(get("/roots.pem", Optional.empty()).statusCode()).isEqualTo(200);
        assertThat(get("/roots.pem", Optional.of("wrong")).statusCode()).isEqualTo(401);
        assertThat(phase()).as("nobody has fetched with its token").isEqualTo("DISTRIBUTING");
        HttpResponse<String> fetched = get("/roots.pem", Optional.of(token));
        assertThat(fetched.body().split("BEGIN CERTIFICATE", -1)).hasSize(3);
        await().atMost(Duration.ofSeconds(30)).until(() -> !phase().equals("DISTRIBUTING"));
        assertThat(run(0, "root", "verifier", "list").out()).contains("gateway", "fetched");
    }

    @Test
    void aFileIsAcknowledgedByWhoeverPutItThere() throws Exception {
        register("gateway");
        Path old = export("old.pem");
        assertThat(acknowledge(0, old)).contains("gateway has epoch 1");
        run(0, "root", "rotate", "--yes", "--no-wait");
        blockedBy(GATEWAY);

        assertThat(acknowledge(1, old)).contains("VERIFIER_OTHER_ROOTS");
        acknowledge(0, export("new.pem"));

        await().atMost(Duration.ofSeconds(30)).until(() -> !phase().equals("DISTRIBUTING"));
        assertThat(server.log("VERIFIER_ACKNOWLEDGED")).hasSize(2);
    }

    @Test
    void oneThatDoesNotComeIsLeftOutWithAReasonThatIsLogged() throws Exception {
        register("gateway");
        run(0, "root", "rotate", "--yes", "--no-wait");
        blockedBy(GATEWAY);

        server.admin()
                .resumeRotation(
                        ResumeRotationRequest.newBuilder()
                                .addExclude(GATEWAY)
                                .setReason("it is switched off")
                                .build());

        await().atMost(Duration.ofSeconds(30)).until(() -> !phase().equals("DISTRIBUTING"));
        assertThat(server.log("ROTATION_MOVED"))
                .anyMatch(entry ->
                        entry.getBody().contains(GATEWAY)
                                && entry.getBody().contains("it is switched off"));
    }

    @Test
    void namesAreRegisteredOnceAndRemovedWithAReason() throws Exception {
        register("gateway");

        assertThat(run(1, "root", "verifier", "register", "gateway", "--token-out", "x").err())
                .contains("VERIFIER_EXISTS");
        assertThat(run(1, "root", "verifier", "register", "Gate way", "--token-out", "x").err())
                .contains("VERIFIER_NAME");
        assertThat(run(1, "root", "verifier", "remove", "nobody", "--reason", "gone").err())
                .contains("VERIFIER_UNKNOWN");
        run(0, "root", "verifier", "remove", "gateway", "--reason", "gone");

        assertThat(run(0, "root", "verifier", "list").out()).doesNotContain("gateway");
        assertThat(server.log("VERIFIER_REMOVED")).hasSize(1);
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("gateway.token"))))
                .isEqualTo("rw-------");
    }

    private String register(String name) throws Exception {
        Path token = folder.resolve(name + ".token");
        run(0, "root", "verifier", "register", name, "--token-out", token.toString());
        return Files.readString(token).strip();
    }

    private Path export(String name) {
        Path file = folder.resolve(name);
        run(0, "root", "export", "--out", file.toString());
        return file;
    }

    private String acknowledge(int code, Path roots) {
        CommandRun done =
                run(
                        code,
                        "root",
                        "verifier",
                        "acknowledge",
                        "gateway",
                        "--roots",
                        roots.toString());
        return done.out() + done.err();
    }

    private RotationBlocker blockedBy(String who) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> blocker(who), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<RotationBlocker> blocker(String who) {
        return rotation().getBlockersList().stream()
                .filter(one -> one.getWho().equals(who))
                .findFirst();
    }

    private String phase() {
        return rotation().getPhase();
    }

    private GetRotationResponse rotation() {
        return server.admin().getRotation(GetRotationRequest.getDefaultInstance());
    }

    private CommandRun run(int code, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--admin";
        all[arguments.length + 1] = server.adminSocket().toString();
        CommandRun done = CommandRun.of(all);
        assertThat(done.code()).as(List.of(all) + done.err() + done.out()).isEqualTo(code);
        return done;
    }

    private HttpResponse<String> get(String path, Optional<String> token) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                null,
                new TrustManager[] {
                    new ExpectedPeer(
                            server.verifier(), WellKnownIds.caServer(RunningServer.TRUST_DOMAIN))
                },
                null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            int port = server.server().bundleEndpointPort().orElseThrow();
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + path));
            token.ifPresent(text -> request.header("authorization", "Bearer " + text));
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
