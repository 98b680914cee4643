package dev.countersign.edges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.edges.Simulation.Fate;
import dev.countersign.edges.Simulation.Outcome;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulationTest {
    private static final MeshSettings MESH = MeshSettings.countersign("countersign", "example.org");

    @Test
    void whatFlowedAndHasNoRuleAnyMoreIsNewlyDenied() {
        Simulation simulation =
                simulation(
                        """
                        rules:
                        - from: [{source: {principals: [example.org/ns/shop/sa/web]}}]
                          to: [{operation: {methods: [GET], paths: ["/orders/*"]}}]
                        """);

        Outcome kept = simulation.decide(Edges.http("web", "orders", "GET", "/orders/{*}", true));
        Outcome cut = simulation.decide(Edges.http("web", "orders", "POST", "/orders/{*}", true));
        Outcome shut =
                simulation.decide(Edges.http("guest", "orders", "GET", "/orders/{*}", false));

        assertThat(kept.fate()).isEqualTo(Fate.STILL_ALLOWED);
        assertThat(kept.decision().orElseThrow().policy()).isEqualTo("shop/new");
        assertThat(cut.fate()).isEqualTo(Fate.NEWLY_DENIED);
        assertThat(cut.because()).isEmpty();
        assertThat(shut.fate()).isEqualTo(Fate.STILL_DENIED);
    }

    @Test
    void whatWasDeniedAndHasARuleIsNewlyAllowed() {
        Simulation simulation = simulation("rules: [{}]");

        assertThat(simulation.decide(Edges.tcp("guest", "orders", false)).fate())
                .isEqualTo(Fate.NEWLY_ALLOWED);
    }

    /** Each pattern tells some paths of the template from others, so no answer is certain. */
    @ParameterizedTest
    @CsvSource({
        "/orders/{*}, /orders/17",
        "/orders/{*}, /orders/1*",
        "/orders/{*}, */special",
        "/orders/{*}, *7",
        "/orders/{*}/items/{*}, /orders/17/items/*",
        "/orders/{*}/items/{*}, /orders/{*}/items/9",
        "/orders/{**}, /orders/a/b/*",
        "/orders/{**}, /orders/{*}",
        "/{**}, /admin",
        "/orders/*, /orders/x*"
    })
    void aPathPatternThatTellsPathsOfATemplateApartMakesItUncertain(
            String template, String pattern) {
        Outcome outcome =
                simulation("rules: [{to: [{operation: {paths: ['" + pattern + "']}}]}]")
                        .decide(Edges.http("web", "orders", "GET", template, true));

        assertThat(outcome.fate()).isEqualTo(Fate.MAYBE_DENIED);
        assertThat(outcome.because())
                .containsExactly("which path of the template, or method, it is");
    }

    @ParameterizedTest
    @CsvSource({
        "/orders/{*}, /orders/*, STILL_ALLOWED",
        "/orders/{*}, /orders/{**}, STILL_ALLOWED",
        "/orders/{*}/items, */items, STILL_ALLOWED",
        "/orders, /orders, STILL_ALLOWED",
        "/orders/{*}, /orders/{*}, STILL_ALLOWED",
        "/orders/{*}, /carts/17, NEWLY_DENIED",
        "/orders/{*}, /orders/17/items, NEWLY_DENIED",
        "/orders, /orders/*, NEWLY_DENIED"
    })
    void aPathPatternThatDoesNotLeavesItCertain(String template, String pattern, Fate fate) {
        Outcome outcome =
                simulation("rules: [{to: [{operation: {paths: ['" + pattern + "']}}]}]")
                        .decide(Edges.http("web", "orders", "GET", template, true));

        assertThat(outcome.fate()).isEqualTo(fate);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rules: [{to: [{operation: {hosts: [shop.example]}}]}] | shop/new rule 0: hosts",
                "rules: [{when: [{key: 'request.headers[x-a]', values: [b]}]}]"
                        + " | shop/new rule 0: request.headers[x-a]",
                "rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}] | shop/new rule 0: ipBlocks",
                "rules: [{from: [{source: {requestPrincipals: ['*']}}]}]"
                        + " | shop/new rule 0: requestPrincipals"
            })
    void whatDependsOnSomethingUnrecordedIsUncertainAndSaysOnWhat(String spec, String because) {
        ObservedEdge flowed = Edges.http("web", "orders", "GET", "/", true);
        ObservedEdge denied = Edges.http("web", "orders", "GET", "/", false);

        assertThat(simulation(spec).decide(flowed).fate()).isEqualTo(Fate.MAYBE_DENIED);
        assertThat(simulation(spec).decide(flowed).because()).containsExactly(because);
        assertThat(simulation(spec).decide(denied).fate()).isEqualTo(Fate.MAYBE_ALLOWED);
        assertThat(simulation("action: DENY\n" + spec).decide(denied).fate())
                .as("a DENY alone lets nobody in")
                .isEqualTo(Fate.STILL_DENIED);
    }

    @Test
    void anUnrecordedConditionBesideAnotherRuleThatAllowsChangesNothing() {
        Simulation simulation =
                simulation(
                        """
                        rules:
                        - to: [{operation: {hosts: [shop.example]}}]
                        - from: [{source: {principals: [example.org/ns/shop/sa/web]}}]
                        """);

        Outcome outcome = simulation.decide(Edges.http("web", "orders", "GET", "/", true));

        assertThat(outcome.fate()).isEqualTo(Fate.STILL_ALLOWED);
    }

    @Test
    void nothingOfHttpIsUnknownOfATcpConnection() {
        Outcome outcome =
                simulation("rules: [{to: [{operation: {hosts: [shop.example]}}]}]")
                        .decide(Edges.tcp("web", "orders", true));

        assertThat(outcome.fate()).isEqualTo(Fate.NEWLY_DENIED);
    }

    @Test
    void anEdgeIsDecidedByTheLabelsOfItsDestination() {
        Simulation simulation =
                simulation(
                        """
                        selector: {matchLabels: {app: orders}}
                        rules: [{}]
                        """);

        assertThat(simulation.decide(Edges.tcp("web", "orders", true)).fate())
                .isEqualTo(Fate.STILL_ALLOWED);
        assertThat(simulation.decide(Edges.tcp("web", "carts", true)).fate())
                .isEqualTo(Fate.NEWLY_DENIED);
    }

    @Test
    void manyMethodsTogetherAreUncertainWhereARuleNamesSome() {
        ObservedEdge many = Edges.http("web", "orders", ReportedEdge.ANY, "/{**}", true);

        assertThat(simulation("rules: [{to: [{operation: {methods: [GET]}}]}]").decide(many).fate())
                .isEqualTo(Fate.MAYBE_DENIED);
        assertThat(simulation("rules: [{}]").decide(many).fate()).isEqualTo(Fate.STILL_ALLOWED);
    }

    @Test
    void plaintextToAStrictPortIsDenied() {
        ObservedEdge edge = Edges.plaintext("10.0.0.7", "orders", true);
        String open = policy("rules: [{}]");
        String mode =
                """
                ---
                apiVersion: countersign.dev/v1
                kind: PeerAuthentication
                metadata: {name: mode, namespace: shop}
                spec: {mtls: {mode: MODE}}
                """;

        assertThat(of(open + mode.replace("MODE", "PERMISSIVE")).decide(edge).fate())
                .isEqualTo(Fate.STILL_ALLOWED);
        Outcome strict = of(open + mode.replace("MODE", "STRICT")).decide(edge);
        assertThat(strict.fate()).isEqualTo(Fate.NEWLY_DENIED);
        assertThat(strict.decision().orElseThrow().reason().name()).isEqualTo("PLAINTEXT_REFUSED");
        assertThat(of(open).decide(edge).fate()).as("ours is STRICT").isEqualTo(Fate.NEWLY_DENIED);
    }

    @Test
    void whatItsSourceReportedIsDecidedByNobodyHere() {
        ObservedEdge inbound = Edges.tcp("web", "orders", true);
        ObservedEdge outbound =
                new ObservedEdge(
                        inbound.source(),
                        "",
                        inbound.destination(),
                        Map.of(),
                        EdgeDirection.OUTBOUND,
                        1,
                        ObservedEdge.TCP,
                        "",
                        "",
                        inbound.ruling(),
                        inbound.dryRun(),
                        EdgeTls.MTLS,
                        1,
                        Edges.T,
                        Edges.T);

        assertThat(simulation("rules: [{}]").decide(outbound).fate()).isEqualTo(Fate.NOT_DECIDED);
    }

    private static Simulation simulation(String spec) {
        return of(policy(spec));
    }

    private static String policy(String spec) {
        return """
        apiVersion: countersign.dev/v1
        kind: AuthorizationPolicy
        metadata: {name: new, namespace: shop}
        spec:
        """
                + spec.indent(2);
    }

    private static Simulation of(String yaml) {
        try {
            ParsedPolicies parsed =
                    PolicyParser.parse("new.yaml", yaml.getBytes(StandardCharsets.UTF_8));
            return new Simulation(
                    MESH,
                    parsed.policies(),
                    new PeerAuthentications(MESH, parsed.peerAuthentications()),
                    MutableClock.create());
        } catch (PolicyRefused e) {
            throw new IllegalStateException(e);
        }
    }
}
