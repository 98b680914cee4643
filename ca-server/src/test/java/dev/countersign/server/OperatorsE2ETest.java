package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.countersign.wire.v1.IssueOperatorCertificateRequest;
import dev.countersign.wire.v1.IssueOperatorCertificateResponse;
import dev.countersign.wire.v1.ListAgentsRequest;
import dev.countersign.wire.v1.LogEntry;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators: how they get a certificate, what they may do with it, and what they may not. */
class OperatorsE2ETest {
    private static final String OPERATORS =
            "admin: {operators: {vera: viewer, paul: policy-admin, sara: security-admin,"
                    + " agnes: viewer, rob: viewer}}";

    @TempDir private static Path folder;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(folder, InstantSource.system(), OPERATORS);
        for (String name : List.of("vera", "paul", "sara")) {
            CommandRun run = certify(name);
            assertThat(run.code()).as(run.err()).isZero();
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aCertificateComesWithItsKeyAndWhomToBelieveForItsOwnerAlone() throws IOException {
        Path out = folder.resolve("new/agnes");

        CommandRun run =
                local("operator", "cert", "--name", "agnes", "--role", "viewer", "--out", out);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("issued spiffe://mesh.example/countersign/operator/agnes")
                .contains("role     viewer")
                .contains("next: countersign server status --server HOST:PORT --operator agnes");
        assertThat(mode(out)).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.toList())
                    .extracting(file -> file.getFileName() + " " + mode(file))
                    .containsExactlyInAnyOrder(
                            "svid.pem rw-------", "key.pem rw-------", "bootstrap.json rw-------");
        }
    }

    @Test
    void aCertificateLivesAsLongAsWasAskedForAndEightHoursOtherwise() throws IOException {
        JsonNode standard =
                json(
                        local(
                                "operator",
                                "cert",
                                "--name",
                                "agnes",
                                "-o",
                                "json",
                                "--out",
                                folder.resolve("eight")));
        JsonNode given =
                json(
                        local(
                                "operator",
                                "cert",
                                "--name",
                                "agnes",
                                "-o",
                                "json",
                                "--for",
                                "20m",
                                "--out",
                                folder.resolve("twenty")));

        assertThat(life(standard)).isBetween(Duration.ofMinutes(470), Duration.ofMinutes(480));
        assertThat(life(given)).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(20));
        assertThat(given.path("role").asText()).isEqualTo("viewer");
    }

    @ParameterizedTest
    @CsvSource({
        "vera, 'server status',  0",
        "vera, 'agent list',     0",
        "vera, 'policy status',  0",
        "vera, 'cert list',      0",
        "vera, 'log list',       1",
        "vera, 'log verify',     1",
        "vera, 'policy explain ZZZZZZZZZZZZZZZZ', 1",
        "paul, 'server status',  0",
        "paul, 'log list',       1",
        "sara, 'log list',       0",
        "sara, 'log verify',     0"
    })
    void aRoleMayOverTheNetworkWhatTheTableSays(String name, String command, int code) {
        CommandRun run = remote(name, command.split(" "));

        assertThat(run.code()).as(run.err()).isEqualTo(code);
        if (code != 0) {
            assertThat(run.err()).contains("ADMIN_ROLE_INSUFFICIENT").contains("by role:");
        }
    }

    @Test
    void whoMaySeeTrafficIsAnsweredAboutDenials() {
        assertThat(remote("paul", "policy", "explain", "ZZZZZZZZZZZZZZZZ").err())
                .contains("DENIAL_UNKNOWN");
    }

    @Test
    void noOperatorMakesAnother() {
        CommandRun run =
                remote("sara", "operator", "cert", "--name", "vera", "--out", folder + "/never");

        assertThat(run.code()).isOne();
        assertThat(run.err()).contains("ADMIN_ROLE_LOCAL_ONLY").contains("the admin socket");
        assertThat(folder.resolve("never")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --name mallory                 | OPERATOR_WITHOUT_ROLE   | admin.operators
                    --name vera --role policy-admin | OPERATOR_OTHER_ROLE    | expected: viewer
                    --name ../sara                 | OPERATOR_NAME_MALFORMED | ../sara
                    --name vera --for 25h          | OPERATOR_LIFE           | PT25H
                    --name vera --for 299s         | OPERATOR_LIFE           | PT4M59S
                    """)
    void whatTheTableOrTheBoundsDoNotAllowIsRefused(String asked, String reason, String said) {
        Path out = folder.resolve("refused");
        String[] arguments =
                Stream.of(
                                Stream.of("operator", "cert"),
                                Arrays.stream(asked.split(" ")),
                                Stream.of("--out", out.toString()))
                        .flatMap(part -> part)
                        .toArray(String[]::new);

        CommandRun run = local((Object[]) arguments);

        assertThat(run.code()).isOne();
        assertThat(run.err()).contains(reason).contains(said);
        assertThat(out).doesNotExist();
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(server.log("ISSUANCE_REFUSED"))
                                .anySatisfy(entry -> assertThat(entry.getBody()).contains(reason)));
    }

    @Test
    void aRoleThatThereIsNotIsMisuse() {
        CommandRun run =
                local("operator", "cert", "--name", "vera", "--role", "root", "--out", "x");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("security-admin");
    }

    @Test
    void aKeyMadeElsewhereStaysThereAndIsCertifiedOnce() throws IOException {
        KeyPair keys = Csrs.p256();
        Path csr = Files.writeString(folder.resolve("rob.csr"), pem(Csrs.of(keys)));
        Path out = folder.resolve("rob");

        CommandRun first = local("operator", "cert", "--name", "rob", "--csr", csr, "--out", out);
        CommandRun again = local("operator", "cert", "--name", "rob", "--csr", csr, "--out", out);

        assertThat(first.code()).as(first.err()).isZero();
        assertThat(out.resolve("svid.pem")).exists();
        assertThat(out.resolve("key.pem")).doesNotExist();
        assertThat(again.code()).isOne();
        assertThat(again.err()).contains("CSR_KEY_REUSED");
    }

    @Test
    void aKeyOfAWorkloadIsNoOperators() {
        KeyPair keys = Csrs.p256();
        server.svid(
                keys,
                RunningServer.issue(
                        server.connect(), server.token("shop", "key", "key-0"), Csrs.of(keys)));

        Refusal refusal =
                RunningServer.refusal(
                        catchThrowableOfType(
                                StatusRuntimeException.class, () -> issue("rob", Csrs.of(keys))));

        assertThat(refusal.reason()).isEqualTo("CSR_KEY_OF_ANOTHER_IDENTITY");
    }

    @Test
    void issuingIsInTheLogBeforeItHappensAndAfter() {
        String serial = operator("agnes").leaf().getSerialNumber().toString(16);

        Awaitility.await().untilAsserted(() -> assertThat(entry("ISSUED", serial)).isPositive());
        long call =
                server.log("ADMIN_CALL").stream()
                        .filter(entry -> entry.getBody().contains("IssueOperatorCertificate"))
                        .filter(entry -> entry.getBody().contains("\"allowed\":\"true\""))
                        .filter(entry -> entry.getIdentity().equals("admin-socket"))
                        .mapToLong(LogEntry::getSequence)
                        .min()
                        .orElseThrow();
        assertThat(call).isLessThan(entry("INTENT", serial));
        assertThat(entry("INTENT", serial)).isLessThan(entry("ISSUED", serial));
    }

    @Test
    void readingLeavesNoEntry() {
        remote("vera", "agent", "list");

        assertThat(server.log("ADMIN_CALL"))
                .noneMatch(entry -> entry.getBody().contains("ListAgents"));
    }

    @Test
    void anOperatorDoesNotSubscribe() {
        Refusal refusal =
                AgentStream.open(server.connect(operator("agnes")))
                        .send(AgentStream.hello())
                        .refusal();

        assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal.reason()).isEqualTo("SUBSCRIBER_NOT_WORKLOAD");
    }

    @Test
    void anOperatorDoesNotRenewItsOwnCertificate() {
        assertThat(renewal(operator("agnes"), "").reason()).isEqualTo("TOKEN_MISSING");
    }

    @Test
    void anOperatorDoesNotRenewAWorkloadsCertificate() {
        assertThat(renewal(operator("agnes"), server.token("shop", "web", "web-0")).reason())
                .isEqualTo("RENEWAL_OTHER_IDENTITY");
    }

    @Test
    void refusalsOfOneCallerFillTheLogToItsBudgetOnly(@TempDir Path own) throws Exception {
        try (RunningServer busy = RunningServer.start(own, InstantSource.system(), OPERATORS)) {
            Svid web = busy.svid("shop", "web", "web-0");
            AdminServiceBlockingStub stub = AdminServiceGrpc.newBlockingStub(busy.connect(web));
            for (int i = 0; i < 25; i++) {
                assertThatExceptionOfType(StatusRuntimeException.class)
                        .isThrownBy(() -> stub.listAgents(ListAgentsRequest.getDefaultInstance()));
            }
            busy.server().drain();

            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(busy.log("UNATTESTED_REFUSED"))
                                    .anySatisfy(entry ->
                                            assertThat(entry.getBody())
                                                    .contains("ADMIN_NOT_OPERATOR")
                                                    .contains("\"count\":\"15\"")));
            assertThat(busy.log("ADMIN_CALL")).hasSize(10);
        }
    }

    @Test
    void aNameThatLostItsRoleMayNothingThoughItsCertificateLives(@TempDir Path own)
            throws Exception {
        Path vera = own.resolve("vera");
        try (RunningServer first = RunningServer.start(own, InstantSource.system(), OPERATORS)) {
            CommandRun issued =
                    CommandRun.of(
                            "operator",
                            "cert",
                            "--name",
                            "vera",
                            "--out",
                            vera.toString(),
                            "--admin",
                            first.adminSocket().toString());
            assertThat(issued.code()).as(issued.err()).isZero();
        }
        try (RunningServer second = RunningServer.start(own, InstantSource.system())) {
            CommandRun run =
                    CommandRun.of(
                            "server",
                            "status",
                            "--server",
                            second.address(),
                            "--operator",
                            vera.toString());

            assertThat(run.code()).isOne();
            assertThat(run.err()).contains("ADMIN_ROLE_NONE").contains("operator/vera");
        }
    }

    @Test
    void aCertificateThatEndedSaysNothingOnAConnectionThatIsStillOpen(@TempDir Path own)
            throws Exception {
        MutableClock clock = MutableClock.create();
        try (RunningServer strict = RunningServer.start(own, clock, OPERATORS)) {
            KeyPair keys = Csrs.p256();
            ManagedChannel channel =
                    strict.connect(
                            strict.svid(
                                    keys,
                                    issue(strict, "vera", Csrs.of(keys))
                                            .getCertificateChainList()));
            AdminServiceBlockingStub stub = AdminServiceGrpc.newBlockingStub(channel);
            assertThat(stub.listAgents(ListAgentsRequest.getDefaultInstance())).isNotNull();

            clock.advance(Duration.ofMinutes(11));
            Refusal admin =
                    RunningServer.refusal(
                            catchThrowableOfType(
                                    StatusRuntimeException.class,
                                    () -> stub.listAgents(ListAgentsRequest.getDefaultInstance())));

            assertThat(admin.reason()).isEqualTo("ADMIN_NOT_OPERATOR");
            assertThat(admin.message()).contains("no certificate in time");
            assertThat(AgentStream.open(channel).send(AgentStream.hello()).refusal().reason())
                    .isEqualTo("SUBSCRIBER_WITHOUT_CERTIFICATE");
        }
    }

    @Test
    void aServerOfTheSameNameUnderAnotherRootIsNotBelieved(@TempDir Path other) throws Exception {
        try (RunningServer impostor =
                RunningServer.start(other, InstantSource.system(), OPERATORS)) {
            CommandRun run =
                    CommandRun.of(
                            "server",
                            "status",
                            "--server",
                            impostor.address(),
                            "--operator",
                            folder.resolve("vera").toString());

            assertThat(run.code()).isOne();
            assertThat(run.err()).contains("the server is not believed");
        }
    }

    @Test
    void aKeyThatOthersMayReadIsNotUsed() throws IOException {
        assertThat(certify("paul", folder.resolve("open")).code()).isZero();
        Files.setPosixFilePermissions(
                folder.resolve("open/key.pem"), PosixFilePermissions.fromString("rw-r--r--"));

        CommandRun run =
                CommandRun.of(
                        "server",
                        "status",
                        "--server",
                        server.address(),
                        "--operator",
                        folder.resolve("open").toString());

        assertThat(run.code()).isOne();
        assertThat(run.err()).contains("key.pem").contains("rw-r--r--");
    }

    private static CommandRun certify(String name) {
        return certify(name, folder.resolve(name));
    }

    private static CommandRun certify(String name, Path out) {
        return local("operator", "cert", "--name", name, "--out", out);
    }

    private static CommandRun local(Object... words) {
        return run(List.of("--admin", server.adminSocket()), words);
    }

    private static CommandRun remote(String operator, String... words) {
        return run(
                List.of("--server", server.address(), "--operator", folder.resolve(operator)),
                (Object[]) words);
    }

    private static CommandRun run(List<Object> where, Object... words) {
        return CommandRun.of(
                Stream.concat(Arrays.stream(words), where.stream())
                        .map(Object::toString)
                        .toArray(String[]::new));
    }

    /** One as the verifier of every other sees it. */
    private static Svid operator(String name) {
        KeyPair keys = Csrs.p256();
        IssueOperatorCertificateResponse answer = issue(name, Csrs.of(keys));
        Svid svid = server.svid(keys, answer.getCertificateChainList());
        assertThat(svid.peer().id())
                .isEqualTo(WellKnownIds.operator(RunningServer.TRUST_DOMAIN, name));
        return svid;
    }

    private static IssueOperatorCertificateResponse issue(String name, byte[] csr) {
        return issue(server, name, csr);
    }

    private static IssueOperatorCertificateResponse issue(
            RunningServer from, String name, byte[] csr) {
        return from.admin()
                .issueOperatorCertificate(
                        IssueOperatorCertificateRequest.newBuilder()
                                .setName(name)
                                .setLifeSeconds(600)
                                .setCsr(ByteString.copyFrom(csr))
                                .build());
    }

    private static Refusal renewal(Svid operator, String token) {
        return RunningServer.refusal(
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                RunningServer.issue(
                                        server.connect(operator), token, Csrs.of(Csrs.p256()))));
    }

    private static long entry(String type, String serial) {
        return server.log(type).stream()
                .filter(entry -> entry.getSerial().equals(serial))
                .mapToLong(LogEntry::getSequence)
                .findFirst()
                .orElse(0);
    }

    private static JsonNode json(CommandRun run) throws IOException {
        assertThat(run.code()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out());
    }

    private static Duration life(JsonNode issued) {
        return Duration.between(
                InstantSource.system().instant(), Instant.parse(issued.path("not_after").asText()));
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(byte[] csr) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(csr)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }
}
