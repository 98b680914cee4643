package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.OpenSsl;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.ComponentHealth;
import dev.countersign.wire.v1.ComponentState;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetStatusRequest;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.IssuanceServiceGrpc.IssuanceServiceBlockingStub;
import dev.countersign.wire.v1.ResumeRotationRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A root that OpenSSL keeps in files of its own, an issuer in the server's key store, and a server. */
final class OfflineRootE2ETest {
    private static final String IMPORTED = "authority: {root: imported, reminder: 30d}";
    private static final String SECRET = "of the file";

    private final MutableClock clock = new MutableClock(Instant.now());

    @TempDir Path folder;

    @Test
    void workloadsAreBelievedByTheOfflineRootAlone() throws Exception {
        OpenSsl offline = new OpenSsl(folder.resolve("offline"), "/CN=Offline root", 3650);
        start(offline);
        try (RunningServer server = RunningServer.start(folder, clock, IMPORTED)) {
            Svid web = server.svid("shop", "web", "web-0");

            assertThat(web.chain()).hasSize(3);
            assertThat(web.chain().getLast().getIssuerX500Principal().getName())
                    .isEqualTo("CN=Offline root");
            assertThat(web.peer().rootKeyId())
                    .isEqualTo(KeyIds.hexOfCertificate(OpenSsl.read(offline.root()).getFirst()));
            assertThat(offline.verify(web.chain(), clock.instant())).contains("OK");
            assertThat(lengths(web.chain())).containsExactly(-1, 0, 1);
            assertNothingOutlivesItsIssuer(web.chain());
            assertThat(folder.resolve("data/keys"))
                    .isDirectoryNotContaining(file -> file.toString().contains("root"));
            assertThat(server.log("ROOT_IMPORTED")).hasSize(1);
            assertThat(server.log("ROOT_CREATED")).isEmpty();
        }
        Path backup = folder.resolve("backup.zip");
        assertThat(
                        run(
                                        "backup",
                                        "--config",
                                        RunningServer.configFile(folder).toString(),
                                        "--out",
                                        backup.toString())
                                .out())
                .contains("proven: epoch 1, root CN=Offline root");
    }

    @Test
    void withoutAnImportNoServerStartsAndNoRootIsMade() throws Exception {
        RunningServer.prepare(folder, clock, IMPORTED);

        assertThatThrownBy(() -> RunningServer.start(folder, clock, IMPORTED))
                .isInstanceOf(AuthorityRefused.class)
                .hasMessageContaining("countersign root csr");

        assertThat(folder.resolve("data/keys")).isEmptyDirectory();
    }

    @Test
    void theNextIssuerSignsWhileWhatTheOneBeforeSignedLivesOn() throws Exception {
        OpenSsl offline = new OpenSsl(folder.resolve("offline"), "/CN=Offline root", 3650);
        start(offline);
        try (RunningServer server = RunningServer.start(folder, clock, IMPORTED)) {
            Svid before = server.svid("shop", "web", "web-0");
            await().untilAsserted(() ->
                    assertThat(health(server).getState())
                            .isEqualTo(ComponentState.COMPONENT_STATE_UP));
            clock.advance(Duration.ofDays(61));
            await().ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(health(server).getState())
                                .isEqualTo(ComponentState.COMPONENT_STATE_DEGRADED);
                        assertThat(health(server).getReason())
                                .contains("online issuer ends", "countersign root csr");
                    });
            clock.advance(Duration.ofDays(-61));
            // What was made meanwhile is of the future: until there is an intermediate of now
            // again.
            await().ignoreExceptions()
                    .until(
                            () -> server.svid("shop", "web", "web-1").chain().getLast(),
                            before.chain().getLast()::equals);

            Path csr = folder.resolve("next.csr");
            run("root", "csr", "--admin", server.adminSocket().toString(), "--out", csr.toString());
            String chain = offline.sign(csr, 90).toString();
            clock.set(Instant.now().plusSeconds(1));
            CommandRun done =
                    run(
                            "root",
                            "import",
                            "--admin",
                            server.adminSocket().toString(),
                            "--chain",
                            chain);

            assertThat(done.out()).contains("the next issuer signs since epoch");
            assertThat(server.svid("shop", "web", "web-1").chain().getLast())
                    .as("clocks that lag would not believe the next one yet")
                    .isEqualTo(before.chain().getLast());
            clock.set(Instant.now().plus(Duration.ofMinutes(11)));
            Svid after =
                    await().until(
                                    () -> server.svid("shop", "web", "web-1"),
                                    svid ->
                                            !svid.chain()
                                                    .getLast()
                                                    .equals(before.chain().getLast()));
            assertThat(offline.verify(after.chain(), clock.instant())).contains("OK");
            assertThat(server.verifier().verify(before.chain()).id()).isEqualTo(before.peer().id());
            KeyPair renewed = Csrs.p256();
            assertThat(
                            server.svid(
                                            renewed,
                                            RunningServer.issue(
                                                    server.connect(before),
                                                    server.token("shop", "web", "web-0"),
                                                    Csrs.of(renewed)))
                                    .chain()
                                    .getLast())
                    .isEqualTo(after.chain().getLast());
            assertThat(server.log("ISSUER_IMPORTED")).hasSize(1);
        }
        try (RunningServer again = RunningServer.start(folder, clock, IMPORTED)) {
            assertThat(again.svid("shop", "web", "web-2").chain()).hasSize(3);
        }
    }

    @Test
    void anIssuerThatHasEndedIsReplacedWhileNoServerRuns() throws Exception {
        OpenSsl offline = new OpenSsl(folder.resolve("offline"), "/CN=Offline root", 3650);
        start(offline);
        clock.advance(Duration.ofDays(91));
        assertThatThrownBy(() -> RunningServer.start(folder, clock, IMPORTED))
                .isInstanceOf(AuthorityRefused.class)
                .hasMessageContaining("issuer: until");
        clock.advance(Duration.ofDays(-91));

        start(offline);

        try (RunningServer server = RunningServer.start(folder, clock, IMPORTED)) {
            assertThat(server.svid("shop", "web", "web-0").chain()).hasSize(3);
            assertThat(server.log("ISSUER_IMPORTED")).hasSize(1);
        }
    }

    @Test
    void whatOpenSslSignedWronglyIsRefusedAndChangesNothing() throws Exception {
        OpenSsl offline = new OpenSsl(folder.resolve("offline"), "/CN=Offline root", 60);
        RunningServer.prepare(folder, clock, IMPORTED);
        Path csr = csr();
        String good = OpenSsl.issuerExtensions();

        refused("IMPORT", "until", offline.sign(csr, 61));
        refused(
                "IMPORT",
                "subject key identifier",
                offline.sign(
                        csr,
                        50,
                        good.replace("subjectKeyIdentifier=hash", "subjectKeyIdentifier=none")));
        refused(
                "IMPORT",
                "path length 0",
                offline.sign(csr, 50, good.replace("pathlen:1", "pathlen:0")));
        refused(
                "IMPORT",
                "ISSUER_SPIFFE_ID",
                offline.sign(csr, 50, good.replace("mesh.example", "other.example")));
        refused("IMPORT", "CRITICAL", offline.sign(csr, 50, good + "1.2.3.4=critical,ASN1:NULL\n"));
        OpenSsl another = new OpenSsl(folder.resolve("another"), "/CN=Another root", 60);
        Path mixed = folder.resolve("mixed.pem");
        Files.writeString(
                mixed,
                Files.readString(offline.sign(csr, 50))
                        .replace(
                                Files.readString(offline.root()),
                                Files.readString(another.root())));
        refused("IMPORT", "issued by CN=Offline root", mixed);
        assertThat(take(offline.sign(csr, 50)).code()).isZero();
    }

    @Test
    void aRootWithItsKeyComesInAsStandbyAndIsRotatedTo() throws Exception {
        OpenSsl other = new OpenSsl(folder.resolve("other"), "/CN=Other root", 3650);
        Path secret = secret(SECRET);
        try (RunningServer server =
                RunningServer.start(
                        folder, InstantSource.system(), "rotation: {dwell: 0s, lease: 1s}")) {
            Svid before = server.svid("shop", "web", "web-0");
            String socket = server.adminSocket().toString();
            Path wrong = secret("another");
            assertThat(
                            run(
                                            1,
                                            "root",
                                            "import",
                                            "--admin",
                                            socket,
                                            "--pkcs12",
                                            other.pkcs12(SECRET).toString(),
                                            "--passphrase-file",
                                            wrong.toString())
                                    .err())
                    .contains("IMPORT_PASSPHRASE");

            secret(SECRET);
            CommandRun done =
                    run(
                            "root",
                            "import",
                            "--admin",
                            socket,
                            "--pkcs12",
                            other.pkcs12(SECRET).toString(),
                            "--passphrase-file",
                            secret.toString());

            assertThat(done.out()).contains("CN=Other root", "countersign root rotate");
            assertThat(
                            run(
                                            1,
                                            "root",
                                            "import",
                                            "--admin",
                                            socket,
                                            "--pkcs12",
                                            other.pkcs12(SECRET).toString(),
                                            "--passphrase-file",
                                            secret.toString())
                                    .err())
                    .contains("IMPORT_KEY_KNOWN");
            IssuanceServiceBlockingStub open =
                    IssuanceServiceGrpc.newBlockingStub(server.connect());
            learn(server, open);
            server.admin().beginRotation(BeginRotationRequest.getDefaultInstance());
            // It holds a certificate and has no stream: it would be waited for.
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            server.admin()
                                    .resumeRotation(
                                            ResumeRotationRequest.newBuilder()
                                                    .addExclude("shop/web-0")
                                                    .setReason("no agent")
                                                    .build()));
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            server.admin()
                                    .getRotation(GetRotationRequest.getDefaultInstance())
                                    .getPhase()
                                    .matches("ACTIVE|DRAINING"));
            // The server may have a certificate of the new root already, which only the new bundle
            // knows.
            learn(server, open);
            assertThat(
                            server.svid("shop", "web", "web-1")
                                    .chain()
                                    .getLast()
                                    .getIssuerX500Principal()
                                    .getName())
                    .isEqualTo("CN=Other root");
            assertThat(server.verifier().verify(before.chain()).id()).isEqualTo(before.peer().id());
            assertThat(other.verify(server.svid("shop", "web", "web-2").chain(), Instant.now()))
                    .contains("OK");
        }
    }

    private static void learn(RunningServer server, IssuanceServiceBlockingStub open)
            throws TrustRefused {
        server.bundles()
                .offer(
                        BundleCodec.fromMessage(
                                open.getTrustBundle(GetTrustBundleRequest.getDefaultInstance())
                                        .getBundle()));
    }

    @Test
    void aRootThatWasTakenAwayDoesNotComeBack() throws Exception {
        OpenSsl other = new OpenSsl(folder.resolve("other"), "/CN=Other root", 3650);
        Path secret = secret(SECRET);
        try (RunningServer server = RunningServer.start(folder, InstantSource.system())) {
            String[] bring = {
                "root",
                "import",
                "--admin",
                server.adminSocket().toString(),
                "--pkcs12",
                other.pkcs12(SECRET).toString(),
                "--passphrase-file",
                secret.toString()
            };
            run(bring);
            run("root", "standby", "--remove", "--admin", server.adminSocket().toString());

            assertThat(run(1, bring).err()).contains("IMPORT_KEY_KNOWN", "past root");
        }
    }

    @Test
    void whereApprovalsAreAskedForAnImportWaitsForThem() throws Exception {
        OpenSsl offline = new OpenSsl(folder.resolve("offline"), "/CN=Offline root", 3650);
        Path key = offline.operatorKey("alice");
        start(offline);
        try (RunningServer server =
                RunningServer.start(
                        folder,
                        clock,
                        IMPORTED,
                        "approvals: {required: 1, operators: {alice: offline/alice.pem}}")) {
            String socket = server.adminSocket().toString();
            Path csr = folder.resolve("next.csr");
            run("root", "csr", "--admin", socket, "--out", csr.toString());
            String chain = offline.sign(csr, 90).toString();
            clock.set(Instant.now().plusSeconds(1));
            String[] bring = {"root", "import", "--admin", socket, "--chain", chain};

            String waits = run(1, bring).err();

            assertThat(waits).contains("STEP_AWAITS_APPROVAL", "approved by 0");
            assertThat(server.log("ISSUER_IMPORTED")).isEmpty();
            String digest = waits.replaceFirst("(?s).*--step ([0-9a-f]{64}).*", "$1");
            run(
                    "root",
                    "approve",
                    "--admin",
                    socket,
                    "--step",
                    digest,
                    "--name",
                    "alice",
                    "--key",
                    key.toString());
            assertThat(run(bring).out()).contains("the next issuer signs");
            assertThat(server.log("STEP_APPROVED")).hasSize(1);
        }
    }

    @Test
    void rootInitMakesTheRootThatTheFirstStartTakesOver() throws Exception {
        RunningServer.prepare(folder, clock);
        String config = RunningServer.configFile(folder).toString();

        CommandRun made = run("root", "init", "--config", config);

        assertThat(made.out()).contains("the authority has its root since epoch 1");
        assertThat(run(1, "root", "init", "--config", config).err()).contains("expected: empty");
        try (RunningServer server = RunningServer.start(folder, clock)) {
            assertThat(KeyIds.sha256(server.bundles().current().roots().getFirst()))
                    .satisfies(hash -> assertThat(made.out()).contains(hash));
            assertThat(server.log("ROOT_CREATED")).hasSize(1);
        }
    }

    private void start(OpenSsl offline) throws Exception {
        RunningServer.prepare(folder, clock, IMPORTED);
        CommandRun done = take(offline.sign(csr(), 90));
        assertThat(done.code()).as(done.err()).isZero();
        // OpenSSL's certificates begin by its own clock, in whole seconds.
        clock.set(Instant.now().plusSeconds(1));
    }

    private Path csr() throws Exception {
        Path csr = folder.resolve("issuer.csr");
        run(
                "root",
                "csr",
                "--config",
                RunningServer.configFile(folder).toString(),
                "--out",
                csr.toString());
        return csr;
    }

    private CommandRun take(Path chain) {
        return CommandRun.of(
                "root",
                "import",
                "--config",
                RunningServer.configFile(folder).toString(),
                "--chain",
                chain.toString());
    }

    private void refused(String code, String because, Path chain) {
        CommandRun done = take(chain);
        assertThat(done.code()).as(because).isOne();
        assertThat(done.err()).as(code).contains(because);
    }

    private Path secret(String text) throws Exception {
        Path file = folder.resolve("secret");
        Files.writeString(file, text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static ComponentHealth health(RunningServer server) {
        return server
                .admin()
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getComponentsList()
                .stream()
                .filter(one -> one.getName().equals("authority"))
                .findFirst()
                .orElseGet(ComponentHealth::getDefaultInstance);
    }

    private static List<Integer> lengths(List<X509Certificate> chain) {
        return chain.stream().map(X509Certificate::getBasicConstraints).toList();
    }

    private static void assertNothingOutlivesItsIssuer(List<X509Certificate> chain) {
        for (int i = 1; i < chain.size(); i++) {
            assertThat(chain.get(i - 1).getNotAfter())
                    .isBeforeOrEqualTo(chain.get(i).getNotAfter());
        }
    }

    private static CommandRun run(String... arguments) {
        return run(0, arguments);
    }

    private static CommandRun run(int code, String... arguments) {
        CommandRun done = CommandRun.of(arguments);
        assertThat(done.code()).as(done.err() + done.out()).isEqualTo(code);
        return done;
    }
}
