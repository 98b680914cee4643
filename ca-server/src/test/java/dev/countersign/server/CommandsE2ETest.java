package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.server.testing.RunningServer;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a person types them, against a server that runs. */
class CommandsE2ETest {
    @TempDir private static Path folder;

    private static RunningServer server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(folder, InstantSource.system());
        Files.writeString(folder.resolve("token"), server.token("shop", "web", "web-0"));
        server.svid("shop", "listed", "listed-0");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void certRequestWritesWhatItWasGivenAndKeepsTheKeyToItself() throws IOException {
        Path svid = folder.resolve("svid");

        int code = request("--out", svid.toString());

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).contains("issued " + RunningServer.id("shop", "web"));
        assertThat(svid.resolve("svid.pem")).content().contains("BEGIN CERTIFICATE");
        assertThat(svid.resolve("bundle.pem")).content().contains("BEGIN CERTIFICATE");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(svid.resolve("key.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void certRequestRenewsWithTheCertificateItWrote() {
        String first = folder.resolve("first").toString();
        assertThat(request("--out", first)).isZero();

        int code = request("--identity", first, "--out", folder.resolve("second").toString());

        assertThat(code).as(err.toString()).isZero();
        assertThat(folder.resolve("second/svid.pem")).exists();
    }

    @Test
    void aRefusedRequestSaysItsReasonAndExitsWithOne() throws IOException {
        Path csr = Files.writeString(folder.resolve("not-a.csr"), "nonsense");

        int text = request("--csr", csr.toString());

        assertThat(text).isOne();
        assertThat(out.toString()).contains("refused: CSR_NOT_DER");
    }

    @Test
    void aRefusedRequestAsJsonHoldsReasonAndStatus() throws IOException {
        Path csr = Files.writeString(folder.resolve("not-b.csr"), "nonsense");

        int code = request("--output", "json", "--csr", csr.toString());

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(code).isOne();
        assertThat(json.path("reason").asText()).isEqualTo("CSR_NOT_DER");
        assertThat(json.path("status").asText()).isEqualTo("INVALID_ARGUMENT");
    }

    @Test
    void certRequestHangsUpOnAServerThatIsNotTheExpectedOne() {
        int code =
                request(
                        "--server-id",
                        "spiffe://mesh.example/ns/shop/sa/web",
                        "--out",
                        folder.resolve("never").toString());

        assertThat(code).isOne();
        assertThat(out + "" + err).contains("the server is not believed");
        assertThat(folder.resolve("never/svid.pem")).doesNotExist();
    }

    @Test
    void certRequestWithoutOutOrCsrIsMisused() {
        assertThat(request()).isEqualTo(2);
        assertThat(err.toString()).contains("--out");
    }

    @Test
    void certListShowsWhatWasIssued() {
        Awaitility.await()
                .untilAsserted(() -> {
                    out.getBuffer().setLength(0);
                    assertThat(admin("cert", "list", "shop/listed")).isZero();
                    assertThat(out.toString())
                            .contains(RunningServer.id("shop", "listed").toString())
                            .contains("issued");
                });
    }

    @Test
    void certListAsJsonIsJson() throws IOException {
        assertThat(admin("cert", "list", "--output", "json", "shop/listed")).isZero();
        assertThat(new ObjectMapper().readTree(out.toString()).toString()).contains("listed-0");
    }

    @Test
    void logListShowsTheStart() {
        assertThat(admin("log", "list")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("SERVER_STARTED");
    }

    @Test
    void logShowPrintsTheHashedBytes() {
        long sequence = server.log("SERVER_STARTED").getFirst().getSequence();

        assertThat(admin("log", "show", Long.toString(sequence))).as(err.toString()).isZero();

        assertThat(out.toString())
                .contains("entry     " + sequence + "  SERVER_STARTED")
                .contains(server.log("SERVER_STARTED").getFirst().getBody());
    }

    @Test
    void logShowOfAnUnknownEntryExitsWithOne() {
        assertThat(admin("log", "show", "999999")).isOne();
        assertThat(err.toString()).contains("999999");
    }

    @Test
    void logVerifyFindsTheLogIntact() {
        assertThat(admin("log", "verify")).as(out + "" + err).isZero();
        assertThat(out.toString()).contains("intact");
    }

    @Test
    void agentListAndPolicyStatusAnswer() {
        assertThat(admin("agent", "list")).as(err.toString()).isZero();
        assertThat(admin("policy", "status")).as(err.toString()).isZero();
        assertThat(admin("server", "status")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("ready").contains("mesh.example");
    }

    @Test
    void agentBootstrapPrintsTheFileThatTheServerWrote() throws IOException {
        assertThat(admin("agent", "bootstrap")).isZero();
        assertThat(out.toString()).isEqualTo(Files.readString(server.bootstrapFile()));
    }

    @Test
    void policyExplainOfAnUnknownIdExitsWithOne() {
        assertThat(admin("policy", "explain", "ZZZZZZZZZZZZZZZZ")).isOne();
        assertThat(err.toString()).contains("DENIAL_UNKNOWN");
    }

    @Test
    void policyExplainAnswersForADescribedRequestUnderThePoliciesInForce() throws IOException {
        Files.writeString(
                folder.resolve("policies/orders.yaml"),
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: orders-callers, namespace: explained}
                spec:
                  rules:
                  - from: [{source: {principals: [mesh.example/ns/explained/sa/web]}}]
                    to: [{operation: {methods: [GET]}}]
                """);
        Awaitility.await()
                .untilAsserted(() -> {
                    out.getBuffer().setLength(0);
                    assertThat(explain("explained/web", "GET", "/orders/42")).isZero();
                    assertThat(out.toString())
                            .startsWith("ALLOWED  mesh.example/ns/explained/sa/web");
                });

        assertThat(explain("explained/guest", "GET", "/orders/42")).isZero();

        assertThat(out.toString())
                .contains("DENIED  mesh.example/ns/explained/sa/guest → explained/orders:8080")
                .contains("NO_ALLOW_RULE_MATCHED")
                .contains(
                        "source.principals  mesh.example/ns/explained/sa/web  ✗ is mesh.example/ns/explained/sa/guest")
                .contains("operation.methods  GET")
                .contains(
                        "smallest change that would allow it:\n    add"
                                + " mesh.example/ns/explained/sa/guest to source.principals in rule 0 of"
                                + " explained/orders-callers");
    }

    @Test
    void policyExplainReadsFilesWithoutAServerAndPrintsDocuments() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("offline.yaml"),
                        """
                        apiVersion: countersign.dev/v1
                        kind: AuthorizationPolicy
                        metadata: {name: other, namespace: shop}
                        spec: {selector: {matchLabels: {app: other}}, rules: [{}]}
                        ---
                        apiVersion: countersign.dev/v1
                        kind: AuthorizationPolicy
                        metadata: {name: db, namespace: shop}
                        spec: {selector: {matchLabels: {app: db}}, action: DENY, rules: [{}]}
                        """);

        int code =
                run(
                        "policy",
                        "explain",
                        "-o",
                        "json",
                        "--policies",
                        file.toString(),
                        "--from",
                        "nobody",
                        "--to",
                        "shop/db:5432",
                        "--label",
                        "app=db");

        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(code).as(err.toString()).isZero();
        assertThat(document.at("/decision/allowed").asBoolean(true)).isFalse();
        assertThat(document.at("/decision/policy").asText()).isEqualTo("shop/db");
        assertThat(document.at("/notForThisWorkload/shop~1other").asText())
                .isEqualTo("selects {app=other}, which the workload does not carry");
        assertThat(document.at("/policies/0/rules/0/matched").asBoolean()).isTrue();
    }

    @Test
    void policyExplainOfHalfARequestIsMisuse() {
        assertThat(run("policy", "explain")).isEqualTo(2);
        assertThat(run("policy", "explain", "--from", "a/b", "--to", "c/d", "GET")).isEqualTo(2);
        assertThat(
                        run(
                                "policy",
                                "explain",
                                "--from",
                                "a",
                                "--to",
                                "c/d",
                                "--policies",
                                folder.resolve("gone.yaml").toString()))
                .isEqualTo(2);
    }

    @Test
    void aMissingSocketIsSaidWithAHint() {
        int code = run("cert", "list", "--admin", folder.resolve("none.sock").toString());

        assertThat(code).isOne();
        assertThat(err.toString()).contains("no server at").contains("--admin");
    }

    @Test
    void whatIsNoCommandOrOptionIsMisuse() {
        assertThat(run("cert", "frobnicate")).isEqualTo(2);
        assertThat(run("cert", "list", "--frobnicate")).isEqualTo(2);
        assertThat(run("log", "show", "--admin", server.adminSocket().toString())).isEqualTo(2);
    }

    @Test
    void configCheckSaysGoodOrEveryProblemAtOnce() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "lisen: 1\ndrain: never\n");

        assertThat(run("config", "check", RunningServer.configFile(folder).toString())).isZero();
        assertThat(run("config", "check", bad.toString())).isOne();
        assertThat(run("config", "check")).isEqualTo(2);

        assertThat(err.toString()).contains("lisen").contains("drain");
    }

    private int explain(String from, String method, String path) {
        return admin(
                "policy", "explain", "--from", from, "--to", "explained/orders:8080", method, path);
    }

    private int request(String... more) {
        String[] all = {
            "cert",
            "request",
            "--server",
            server.address(),
            "--bootstrap",
            server.bootstrapFile().toString(),
            "--token-file",
            folder.resolve("token").toString()
        };
        String[] arguments = java.util.Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, arguments, all.length, more.length);
        return run(arguments);
    }

    private int admin(String... words) {
        String[] arguments = java.util.Arrays.copyOf(words, words.length + 2);
        arguments[words.length] = "--admin";
        arguments[words.length + 1] = server.adminSocket().toString();
        return run(arguments);
    }

    private int run(String... arguments) {
        CommandRun run = CommandRun.of(arguments);
        out.append(run.out());
        err.append(run.err());
        return run.code();
    }
}
