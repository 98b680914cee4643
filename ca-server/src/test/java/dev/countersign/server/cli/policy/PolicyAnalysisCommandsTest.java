package dev.countersign.server.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code policy diff} and {@code policy analyze} on the example with its deliberate mistakes. */
class PolicyAnalysisCommandsTest {

    private static final Path EXAMPLE =
            Path.of("..", "deploy", "examples", "policies-with-mistakes");
    private static final String POLICIES = EXAMPLE.resolve("policies").toString();
    private static final String PROPOSED = EXAMPLE.resolve("proposed").toString();
    private static final String WORKLOADS = EXAMPLE.resolve("workloads.yaml").toString();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

    @Test
    void everyDeliberateMistakeIsNamed() {
        int code = analyze(POLICIES, "--workloads", WORKLOADS);

        assertThat(code).isOne();
        assertThat(badLines())
                .containsExactly(
                        "RULE_MATCHES_NOTHING  ALLOW shop/orders-callers rule 2  matches no request"
                                + " that can occur",
                        "RULE_MATCHES_NOTHING  DENY shop/orders-admin rule 0  matches no request"
                                + " that can occur",
                        "RULE_SHADOWED  ALLOW shop/orders-callers rule 1  never decides: all it"
                                + " matches is matched by shop/orders-callers rule 0",
                        "ALLOW_DENIED  ALLOW shop/payments-callers rule 0  never allows: all it"
                                + " matches is denied by shop/freeze rule 0",
                        "ALLOW_WITHOUT_EFFECT  ALLOW shop/payments-callers  can be taken away and"
                                + " nothing changes",
                        "SELECTS_NOTHING  ALLOW shop/catalog-callers  applies to no workload: none"
                                + " has the labels {app=catalouge}",
                        "OPEN_TO_PLAINTEXT  shop/orders  lets in callers without an identity",
                        "OPEN_TO_ANY_IDENTITY  shop/orders  lets in any identity of any trust"
                                + " domain");
        assertThat(out.toString())
                .contains("CLOSED_BY_DEFAULT")
                .contains("such as a plaintext caller → GET /health on port 8080");
    }

    @Test
    void mistakesThatAreMeantCanBeLeftOut() {
        int code =
                analyze(
                        POLICIES,
                        "--workloads",
                        WORKLOADS,
                        "--ignore",
                        "RULE_MATCHES_NOTHING,RULE_SHADOWED,ALLOW_DENIED,ALLOW_WITHOUT_EFFECT",
                        "--ignore",
                        "SELECTS_NOTHING,OPEN_TO_PLAINTEXT,OPEN_TO_ANY_IDENTITY");

        assertThat(code).isZero();
        assertThat(badLines()).isEmpty();
    }

    @Test
    void whereMutualTlsIsAMustNobodyComesWithoutIdentity() throws IOException {
        String yaml = Files.readString(EXAMPLE.resolve("policies").resolve("shop.yaml"));
        Files.writeString(directory.resolve("strict.yaml"), yaml.replace("PERMISSIVE", "STRICT"));

        int proven =
                analyze(
                        directory.toString(),
                        "--workloads",
                        WORKLOADS,
                        "--from",
                        "nobody",
                        "--to",
                        "shop/orders");
        String said = out.toString();
        out.getBuffer().setLength(0);
        analyze(directory.toString(), "--workloads", WORKLOADS);

        assertThat(proven).isOne();
        assertThat(said).contains("the port takes mutual TLS only, by PeerAuthentication");
        assertThat(badLines()).noneMatch(line -> line.startsWith("OPEN_TO_PLAINTEXT"));
        assertThat(badLines()).anyMatch(line -> line.startsWith("OPEN_TO_ANY_IDENTITY"));
    }

    @Test
    void aSwitchToStrictIsADifference() throws IOException {
        String yaml = Files.readString(EXAMPLE.resolve("policies").resolve("shop.yaml"));
        Files.writeString(directory.resolve("strict.yaml"), yaml.replace("PERMISSIVE", "STRICT"));

        int code =
                run(
                        "diff",
                        POLICIES,
                        directory.toString(),
                        "--trust-domain",
                        "example.org",
                        "--workloads",
                        WORKLOADS);

        assertThat(code).isOne();
        assertThat(out.toString().replaceAll(" +", " "))
                .contains("shop/orders allowed → denied from plaintext GET /health on port 8080");
    }

    @Test
    void findingsHaveStableNamesInJson() throws IOException {
        analyze(POLICIES, "--workloads", WORKLOADS, "-o", "json");

        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("policies").asInt()).isEqualTo(6);
        assertThat(document.get("workloads").asInt()).isEqualTo(5);
        assertThat(document.get("bad").asInt()).isEqualTo(8);
        assertThat(document.get("unknown").size()).isZero();
        JsonNode open = document.get("findings").get(6);
        assertThat(open.get("code").asText()).isEqualTo("OPEN_TO_PLAINTEXT");
        assertThat(open.at("/witness/sourcePrincipal").isNull()).isTrue();
        assertThat(open.at("/witness/path").asText()).isEqualTo("/health");
        assertThat(open.get("workloads").get(0).asText()).isEqualTo("shop/orders");
    }

    @Test
    void withoutWorkloadsEveryKindThatSelectorsTellApartIsLookedAt() {
        analyze(POLICIES);

        assertThat(out.toString())
                .startsWith("6 policies, 4 workloads of 4 kinds, analysed in ")
                .contains("shop/app=orders")
                .doesNotContain("SELECTS_NOTHING");
    }

    @Test
    void whatWouldChangeIsSaidWithHowOftenItWasSeen() {
        int code =
                run(
                        "diff",
                        POLICIES,
                        PROPOSED,
                        "--workloads",
                        WORKLOADS,
                        "--edges",
                        EXAMPLE.resolve("edges.json").toString());

        assertThat(code).isOne();
        List<String> lines = out.toString().lines().map(one -> one.replaceAll(" +", " ")).toList();
        assertThat(lines)
                .contains(
                        "shop/orders allowed → denied from shop/web POST /orders, /orders/* on port"
                                + " 8080 seen 1 840 times",
                        "shop/orders denied → allowed from any in batch GET /orders/{**} on port"
                                + " 8080 never seen")
                .last()
                .isEqualTo(
                        "1 change would cut traffic that is flowing. Try it first: spec.mode:"
                                + " DryRun");
    }

    @Test
    void trafficOfAnotherTrustDomainIsNotTakenForNone() {
        String edges = EXAMPLE.resolve("edges.json").toString();

        int code =
                run("diff", POLICIES, PROPOSED, "--trust-domain", "other.test", "--edges", edges);

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains("traffic of trust domain example.org (expected: of other.test");
    }

    @Test
    void aDiffInJsonHoldsWitnessesThatCanBeReplayed() throws IOException {
        run("diff", POLICIES, PROPOSED, "--trust-domain", "example.org", "-o", "json");

        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("wouldCut").asInt()).isZero();
        List<String> changes = new ArrayList<>();
        document.get("changes").forEach(one -> changes.add(one.get("change").asText()));
        assertThat(changes).contains("ALLOWED_TO_DENIED", "DENIED_TO_ALLOWED");
        for (JsonNode change : document.get("changes")) {
            assertThat(change.get("witness").isObject()).isTrue();
            assertThat(change.get("seen").isNull()).isTrue();
        }
    }

    @Test
    void theSamePoliciesHaveNoDifference() {
        int code = run("diff", POLICIES, POLICIES, "--trust-domain", "example.org");

        assertThat(code).isZero();
        assertThat(out.toString()).contains("no request is decided differently");
    }

    @Test
    void changesCanBeShownWithoutFailing() {
        assertThat(run("diff", POLICIES, PROPOSED, "--exit-zero")).isZero();
        assertThat(out.toString()).contains("allowed → denied");
    }

    @Test
    void whoMayIsAnsweredWithARequestAndWhoMayNotWithTheClause() {
        int yes =
                analyze(
                        POLICIES,
                        "--workloads",
                        WORKLOADS,
                        "--from",
                        "shop/web",
                        "--to",
                        "shop/orders:8080",
                        "--method",
                        "POST",
                        "--path",
                        "/orders");
        String said = out.toString();
        out.getBuffer().setLength(0);
        int no =
                analyze(
                        POLICIES,
                        "--workloads",
                        WORKLOADS,
                        "--from",
                        "shop/guest",
                        "--to",
                        "shop/orders:8080",
                        "--method",
                        "POST",
                        "--path",
                        "/orders");

        assertThat(yes).isZero();
        assertThat(said)
                .startsWith("YES  shop/web → shop/orders\n")
                .contains(
                        "such as spiffe://example.org/ns/shop/sa/web → POST /orders on port 8080");
        assertThat(no).isOne();
        assertThat(out.toString())
                .startsWith("NO  shop/guest → shop/orders   proven: no such request is allowed\n")
                .contains("ALLOW shop/orders-callers rule 0 asks for identity shop/web")
                .contains("ALLOW shop/orders-health rule 0 asks for method GET");
    }

    @Test
    void everybodyWhoCanReachAWorkloadIsListed() {
        int code = analyze(POLICIES, "--workloads", WORKLOADS, "--who-can-reach", "shop/orders");

        assertThat(code).isZero();
        assertThat(out.toString())
                .contains("from shop/web   ")
                .contains("from anyone   GET /health on port 8080");
    }

    @Test
    void aWorkloadThatAFreezeClosedIsReachedByNobody() {
        int code = analyze(POLICIES, "--workloads", WORKLOADS, "--who-can-reach", "shop/payments");

        assertThat(code).isOne();
        assertThat(out.toString())
                .contains("what ALLOW rules match is denied by shop/freeze rule 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--from shop/web",
                "--from shop/web --to shop/nobody-knows",
                "--from shop --to shop/orders",
                "--from shop/web --to shop/orders:99999",
                "--from shop/web --to shop/orders --path orders",
                "--to shop/orders --who-can-reach shop/orders"
            })
    void aQuestionThatCannotBeAskedIsAUsageError(String arguments) {
        List<String> all = new ArrayList<>(List.of(POLICIES, "--workloads", WORKLOADS));
        all.addAll(List.of(arguments.split(" ")));

        assertThat(analyze(all.toArray(String[]::new))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isNotEmpty().doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "workloads: 1",
                "- shop/orders",
                "- {serviceAccount: orders}",
                "- {namespace: shop, ports: [http]}",
                "- {namespace: shop, lables: {app: orders}}",
                "- {namespace: shop, labels: {app: [orders]}}"
            })
    void aFileOfWorkloadsThatIsNoneIsRefused(String content) throws IOException {
        Path file = directory.resolve("workloads.yaml");
        Files.writeString(file, content);

        assertThat(analyze(POLICIES, "--workloads", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("workloads.yaml").doesNotContain("Exception");
    }

    @Test
    void policiesThatAreRefusedAreNotAnalysed() throws IOException {
        Files.writeString(directory.resolve("bad.yaml"), "kind: AuthorizationPolicy");

        assertThat(analyze(directory.toString())).isEqualTo(2);
        assertThat(run("diff", POLICIES, directory.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("policies refused:");
    }

    private int analyze(String... arguments) {
        List<String> all = new ArrayList<>(List.of("analyze", "--trust-domain", "example.org"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private int run(String... arguments) {
        return new CommandLine(new PolicyCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private List<String> badLines() {
        return out.toString()
                .lines()
                .filter(line -> line.startsWith("bad   "))
                .map(line -> line.substring(6))
                .toList();
    }
}
