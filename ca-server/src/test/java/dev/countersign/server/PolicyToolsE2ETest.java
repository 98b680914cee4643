package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.feed.Snapshot;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicyMode;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.wire.EdgeCodec;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.Hello;
import dev.countersign.wire.v1.SubscribeRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that show what a policy does, against a whole server and what agents told it. */
class PolicyToolsE2ETest {
    private static final String WORKLOADS =
            """
            workloads:
            - {namespace: shop, serviceAccount: orders, labels: {app: orders}}
            """;
    private static final String CALLERS =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: callers, namespace: shop}
            spec:
              selector: {matchLabels: {app: orders}}
              mode: MODE
              rules: [{from: [{source: {principals: ["mesh.example/ns/shop/sa/web"]}}]}]
            """;
    private static final String ID = "spiffe://mesh.example/ns/shop/sa/";
    private static final Ruling ALLOWED = new Ruling(true, "shop/callers", 0);

    @TempDir private Path folder;
    private RunningServer server;
    private AgentStream orders;
    private Snapshot held;
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws Exception {
        RunningServer.prepare(folder, InstantSource.system());
        write("policies/callers.yaml", CALLERS.replace("MODE", "Enforce"));
        server = RunningServer.start(folder, InstantSource.system(), WORKLOADS);
        Svid svid = server.svid("shop", "orders", "orders-0");
        orders =
                AgentStream.open(server.connect(svid))
                        .send(Hello.newBuilder().setProtocolVersion(1).setInstanceId("one"));
        held = orders.snapshot(server, svid);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void edgesAreListedAndExportedAndTheExportIsPrivate() throws Exception {
        report(http("web", "GET", "/orders/{*}", ALLOWED), plaintext(new Ruling(false, "", -1)));
        Path file = folder.resolve("edges.json");

        assertThat(run("policy", "edges")).isZero();
        assertThat(out.toString())
                .contains("2 edges from", ", complete")
                .contains("shop/orders  8080", "shop/web", "GET /orders/{*}", "shop/callers rule 0")
                .contains("(no identity) 10.0.0.7", "plaintext");
        assertThat(run("policy", "edges", "--decision", "denied", "--output", "json")).isZero();
        assertThat(json().path("edges")).hasSize(1);
        assertThat(run("policy", "edges", "--from", "shop/guest")).isZero();
        assertThat(out.toString()).contains("0 edges from");
        assertThat(run("policy", "edges", "--export", file.toString())).isZero();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(run("policy", "edges", "--output", "json")).isZero();
        JsonNode listed = json().path("edges");
        assertThat(new JsonMapper().readTree(Files.readString(file)).path("edges"))
                .isEqualTo(listed);
    }

    @Test
    void simulateSaysWhatWouldBeCutAndFailsForIt() throws Exception {
        report(
                http("web", "GET", "/orders/{*}", ALLOWED),
                http("web", "POST", "/orders", ALLOWED),
                http("guest", "GET", "/orders/{*}", new Ruling(false, "", -1)));
        Path next =
                write(
                        "new/callers.yaml",
                        """
                        apiVersion: countersign.dev/v1
                        kind: AuthorizationPolicy
                        metadata: {name: callers, namespace: shop}
                        spec:
                          selector: {matchLabels: {app: orders}}
                          rules:
                          - from: [{source: {namespaces: [shop]}}]
                            to: [{operation: {methods: [GET]}}]
                        """);

        int code = run("policy", "simulate", folder.resolve("new").toString());

        assertThat(code).isEqualTo(1);
        assertThat(out.toString())
                .contains("allowed → denied   from shop/web   POST /orders   seen 3 times")
                .contains("NO_ALLOW_RULE_MATCHED")
                .contains("denied → allowed   from shop/guest   GET /orders/{*}")
                .contains("1 edge (seen 3 times) that flowed would be denied, 0 edges perhaps")
                .doesNotContain("\u001b");
        assertThat(run("policy", "simulate", next.toString(), "--output", "yaml")).isEqualTo(1);
        assertThat(out.toString()).contains("NEWLY_DENIED:", "count: 3");
        assertThat(run("policy", "simulate", folder.resolve("policies").toString())).isZero();
        assertThat(run("policy", "simulate", folder.resolve("none.yaml").toString())).isEqualTo(2);
    }

    @Test
    void whatIsSuggestedIsAcceptedAndCutsNothing() throws Exception {
        report(
                http("web", "GET", "/orders/{*}", ALLOWED),
                http("web", "POST", "/orders", ALLOWED),
                http("guest", "GET", "/orders/{*}", new Ruling(false, "", -1)));
        Path edges = folder.resolve("edges.json");
        assertThat(run("policy", "edges", "--export", edges.toString())).isZero();

        assertThat(run("policy", "suggest")).isZero();
        String fromServer = out.toString();
        assertThat(err.toString()).contains("1 policy covers 2 of 2 allowed edges (seen 6 times)");
        Path suggested = write("suggested/all.yaml", fromServer);

        assertThat(fromServer)
                .contains("- \"/orders/{*}\"  # 3 times, last ")
                .doesNotContain("guest");
        assertThat(run("policy", "suggest", "--edges", edges.toString())).isZero();
        assertThat(out.toString()).isEqualTo(fromServer);
        assertThat(run("policy", "validate", suggested.toString())).isZero();
        assertThat(run("policy", "simulate", "--edges", edges.toString(), suggested.toString()))
                .isZero();
    }

    @Test
    void suggestRefusesAnIncompleteRecordUnlessToldTo() {
        orders.send(
                SubscribeRequest.newBuilder()
                        .setEdges(
                                EdgeCodec.encode(
                                        new EdgeReport(
                                                1,
                                                7,
                                                false,
                                                List.of(http("web", "GET", "/a", ALLOWED))))));
        orders.next();

        assertThat(run("policy", "suggest")).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .contains("refused: the record of", "7 decisions of " + ID + "orders", "--partial");
        assertThat(run("policy", "suggest", "--partial")).isZero();
        assertThat(out.toString()).contains("name: \"orders-callers\"");
        assertThat(err.toString()).contains("incomplete: 7 decisions");
    }

    @Test
    void plaintextNamesWhoStillSpeaksIt() {
        report(http("web", "GET", "/a", ALLOWED));
        assertThat(run("policy", "plaintext")).isZero();
        assertThat(out.toString()).contains("nobody speaks plaintext");

        send(2, plaintext(ALLOWED));

        assertThat(run("policy", "plaintext")).isEqualTo(1);
        assertThat(out.toString()).contains("(no identity) 10.0.0.7", "shop/orders", "5432");
    }

    @Test
    void statusSaysWhoHasNotLoadedAPolicyAndWhy() {
        assertThat(run("policy", "status")).isEqualTo(1);
        assertThat(out.toString())
                .contains("shop/callers is not loaded by:")
                .contains("shop/orders (orders-0)  sent, and nothing heard from it yet");

        acknowledge(held.revision(), "file system full");
        Awaitility.await()
                .untilAsserted(() -> {
                    assertThat(run("policy", "status")).isEqualTo(1);
                    assertThat(out.toString()).contains("cannot apply it: file system full");
                });
        acknowledge(held.revision(), "");
        Awaitility.await().untilAsserted(() -> assertThat(run("policy", "status")).isZero());
        assertThat(run("policy", "status", "--output", "json")).isZero();
        JsonNode standing = json().path("standings").get(0);
        assertThat(standing.path("policy").asText()).isEqualTo("shop/callers");
        assertThat(standing.path("revision").asLong()).isEqualTo(held.revision());
        assertThat(standing.path("agents_enforcing").asLong()).isEqualTo(1);
    }

    @Test
    void aPolicyKeepsTheRevisionSinceWhichItSaysWhatItSays() throws Exception {
        write(
                "policies/other.yaml",
                CALLERS.replace("MODE", "Enforce").replace("callers", "other"));
        held = orders.delta(server, held);
        acknowledge(held.revision(), "");
        Awaitility.await().untilAsserted(() -> assertThat(run("policy", "status")).isZero());

        assertThat(run("policy", "status", "--output", "json")).isZero();

        List<Long> revisions = new ArrayList<>();
        json().path("standings").forEach(one -> revisions.add(one.path("revision").asLong()));
        assertThat(revisions).hasSize(2).doesNotHaveDuplicates().contains(held.revision());
    }

    @Test
    void aWorkloadsLastAllowIsNotTurnedIntoADryRun() throws Exception {
        long before = held.revision();

        write("policies/callers.yaml", CALLERS.replace("MODE", "DryRun"));

        Awaitility.await()
                .untilAsserted(() -> {
                    assertThat(run("policy", "status")).isEqualTo(1);
                    assertThat(out.toString()).contains("LAST_ALLOW_TO_DRY_RUN: shop/callers");
                });
        assertThat(out.toString())
                .contains("it is the last ALLOW of shop/orders", "policies.allowOpen: true")
                .contains("countersign.dev/allow-open: \"true\"")
                .contains("revision " + before);

        write(
                "policies/other.yaml",
                CALLERS.replace("MODE", "Enforce").replace("callers", "other"));
        Snapshot after = orders.delta(server, held);
        assertThat(after.policies()).as("with another ALLOW beside it").hasSize(2);
    }

    @Test
    void aPolicyMayLeaveItsWorkloadsOpenWhereItSaysSoItself() throws Exception {
        String dryRun = CALLERS.replace("MODE", "DryRun");
        write(
                "policies/callers.yaml",
                dryRun.replace(
                        "namespace: shop}",
                        "namespace: shop, annotations: {countersign.dev/allow-open: \"true\"}}"));

        Snapshot after = orders.delta(server, held);
        assertThat(after.policies().getFirst().mode()).isEqualTo(PolicyMode.DRY_RUN);

        write("policies/callers.yaml", dryRun + "  validUntil: 2099-01-01T00:00:00Z\n");
        assertThat(orders.delta(server, after).policies().getFirst().validUntil())
                .as("open already: nothing is opened by a further change")
                .isNotNull();
    }

    @Test
    void aRestartDoesNotOpenWhatAChangeMayNotAndAgentsKeepWhatTheyHave() throws Exception {
        server.close();
        write("policies/callers.yaml", CALLERS.replace("MODE", "DryRun"));
        server = RunningServer.start(folder, InstantSource.system(), WORKLOADS);

        assertThat(run("policy", "status")).isEqualTo(1);
        assertThat(out.toString()).contains("LAST_ALLOW_TO_DRY_RUN: shop/callers");
        Svid svid = server.svid("shop", "orders", "orders-0");
        AgentStream again =
                AgentStream.open(server.connect(svid))
                        .send(Hello.newBuilder().setProtocolVersion(1).setInstanceId("two"));
        Awaitility.await().untilAsserted(() -> assertThat(run("agent", "list")).isZero());
        Awaitility.await().until(() -> out.toString().contains("orders"));
        write("policies/callers.yaml", CALLERS.replace("MODE", "Enforce"));

        Snapshot first = again.snapshot(server, svid);
        assertThat(first.policies())
                .as("the first that is told: an empty set would have taken the last good one")
                .extracting(AuthorizationPolicy::mode)
                .containsExactly(PolicyMode.ENFORCE);
    }

    private void report(ReportedEdge... edges) {
        send(1, edges);
    }

    private void send(long sequence, ReportedEdge... edges) {
        orders.send(
                SubscribeRequest.newBuilder()
                        .setEdges(
                                EdgeCodec.encode(
                                        new EdgeReport(sequence, 0, false, List.of(edges)))));
        assertThat(orders.next().getEdgeReceipt().getSequence()).isEqualTo(sequence);
    }

    private void acknowledge(long revision, String refusal) {
        orders.send(
                SubscribeRequest.newBuilder()
                        .setAcknowledgement(
                                Acknowledgement.newBuilder()
                                        .setRevision(revision)
                                        .setRefusal(refusal)));
    }

    private static ReportedEdge http(String source, String method, String path, Ruling ruling) {
        Instant now = InstantSource.system().instant();
        return new ReportedEdge(
                EdgeDirection.INBOUND,
                ID + source,
                "",
                8080,
                true,
                method,
                path,
                ruling,
                Optional.empty(),
                EdgeTls.MTLS,
                3,
                now,
                now);
    }

    private static ReportedEdge plaintext(Ruling ruling) {
        Instant now = InstantSource.system().instant();
        return new ReportedEdge(
                EdgeDirection.INBOUND,
                "",
                "10.0.0.7",
                5432,
                false,
                "",
                "",
                ruling,
                Optional.empty(),
                EdgeTls.PLAINTEXT,
                1,
                now,
                now);
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private JsonNode json() {
        try {
            return new JsonMapper().readTree(out.toString());
        } catch (IOException e) {
            throw new AssertionError(out.toString(), e);
        }
    }

    /** Runs a command against the server; what it printed is in {@link #out} and {@link #err}. */
    private int run(String... words) {
        out = new StringWriter();
        err = new StringWriter();
        boolean offline = List.of(words).contains("--edges") || words[1].equals("validate");
        List<String> arguments = new ArrayList<>(List.of(words));
        if (!offline) {
            arguments.addAll(List.of("--admin", server.adminSocket().toString()));
        }
        CommandLine line = Main.commands();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((fault, command, parsed) -> {
            command.getErr().println("error: " + fault.getMessage());
            return 1;
        });
        return line.execute(arguments.toArray(String[]::new));
    }
}
