package dev.countersign.edges;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.edges.Simulation.Fate;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.testing.Cases;
import dev.countersign.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SuggesterTest {
    private static final MeshSettings MESH = MeshSettings.countersign("countersign", "example.org");
    private static final Suggester SUGGESTER = new Suggester(MESH, MutableClock.create());
    private static final String ID = "spiffe://example.org/ns/shop/sa/";

    @Test
    void callersThatDoTheSameShareARuleAndEachLineSaysWhatItRestsOn() {
        Suggestion suggestion =
                SUGGESTER.suggest(
                        List.of(
                                Edges.http("web", "orders", "POST", "/orders", true),
                                Edges.http("web", "orders", "GET", "/orders/{*}", true),
                                Edges.http("web", "orders", "HEAD", "/orders/{*}", true),
                                Edges.http("app", "orders", "GET", "/health", true),
                                Edges.http("cron", "orders", "GET", "/health", true),
                                Edges.http("guest", "orders", "GET", "/admin", false)));

        assertThat(suggestion.yaml())
                .isEqualTo(
                        """
                        apiVersion: countersign.dev/v1
                        kind: AuthorizationPolicy
                        metadata:
                          name: "orders-callers"
                          namespace: "shop"
                        spec:
                          action: ALLOW
                          selector:
                            matchLabels:
                              "app": "orders"
                          rules:
                          - from:
                            - source:
                                principals:
                                - "example.org/ns/shop/sa/app"  # 3 times, last 2026-03-01T10:15:02Z
                                - "example.org/ns/shop/sa/cron"  # 3 times, last 2026-03-01T10:15:02Z
                            to:
                            - operation:
                                ports: ["8080"]  # 6 times, last 2026-03-01T10:15:02Z
                                methods: ["GET"]
                                paths:
                                - "/health"  # 6 times, last 2026-03-01T10:15:02Z
                          - from:
                            - source:
                                principals:
                                - "example.org/ns/shop/sa/web"  # 9 times, last 2026-03-01T10:15:02Z
                            to:
                            - operation:
                                ports: ["8080"]  # 6 times, last 2026-03-01T10:15:02Z
                                methods: ["GET", "HEAD"]
                                paths:
                                - "/orders/{*}"  # 6 times, last 2026-03-01T10:15:02Z
                            - operation:
                                ports: ["8080"]  # 3 times, last 2026-03-01T10:15:02Z
                                methods: ["POST"]
                                paths:
                                - "/orders"  # 3 times, last 2026-03-01T10:15:02Z
                        """);
        assertThat(suggestion.coveredEdges()).isEqualTo(5);
        assertThat(suggestion.coveredCount()).isEqualTo(15);
        assertThat(suggestion.left()).isEmpty();
        assertThat(suggestion.opened()).isEmpty();
    }

    @Test
    void callersWithoutIdentityAndDestinationsWithoutLabelsAreLeftWithTheReason() {
        ObservedEdge anonymous = Edges.plaintext("10.0.0.7", "db", true);
        ObservedEdge labelless = Edges.edge(ID + "web", "carts", Map.of(), false, "", "", true, 1);

        Suggestion suggestion = SUGGESTER.suggest(List.of(anonymous, labelless));

        assertThat(suggestion.policies()).isEmpty();
        assertThat(suggestion.left())
                .extracting(Suggestion.Left::because)
                .containsExactly(
                        "its caller has no identity that a rule could name",
                        "its destination has no labels on record that a policy could select by");
    }

    @Test
    void aLabelThatTwoServiceAccountsShareDoesNotSelectOne() {
        Map<String, String> front = Map.of("app", "shop", "tier", "front");
        Map<String, String> back = Map.of("app", "shop", "tier", "back");

        Suggestion suggestion =
                SUGGESTER.suggest(
                        List.of(
                                Edges.edge(ID + "web", "ui", front, false, "", "", true, 1),
                                Edges.edge(ID + "ui", "api", back, false, "", "", true, 1)));

        assertThat(suggestion.policies()).hasSize(2);
        assertThat(suggestion.policies().getFirst().yaml()).contains("\"tier\": \"back\"");
        assertThat(suggestion.coveredEdges()).isEqualTo(2);
    }

    @Test
    void nothingIsSuggestedWhereItWouldSelectWorkloadsOfEveryNamespace() {
        ObservedEdge inRoot =
                new ObservedEdge(
                        ID + "web",
                        "",
                        "spiffe://example.org/ns/countersign/sa/console",
                        Map.of("app", "console"),
                        EdgeDirection.INBOUND,
                        443,
                        ObservedEdge.TCP,
                        "",
                        "",
                        new Ruling(true, "", -1),
                        java.util.Optional.empty(),
                        EdgeTls.MTLS,
                        1,
                        Edges.T,
                        Edges.T);

        Suggestion suggestion = SUGGESTER.suggest(List.of(inRoot));

        assertThat(suggestion.policies()).isEmpty();
        assertThat(suggestion.left().getFirst().because()).contains("every namespace");
    }

    static Stream<Long> seeds() {
        return Cases.seeds(150);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsSuggestedIsAcceptedAndAllowsEveryCoveredEdgeAndNothingThatWasDenied(long seed)
            throws Exception {
        Cases cases = new Cases(seed);
        List<ObservedEdge> edges = edges(cases);

        Suggestion suggestion = SUGGESTER.suggest(edges);

        List<ObservedEdge> shuffled = new ArrayList<>(edges);
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(SUGGESTER.suggest(shuffled).yaml())
                .as("the same edges, the same text")
                .isEqualTo(suggestion.yaml());
        if (suggestion.policies().isEmpty()) {
            return;
        }
        ParsedPolicies parsed =
                PolicyParser.parse("all.yaml", suggestion.yaml().getBytes(StandardCharsets.UTF_8));
        assertThat(parsed.warnings()).isEmpty();
        Simulation simulation =
                new Simulation(
                        MESH,
                        parsed.policies(),
                        new PeerAuthentications(MESH, List.of()),
                        MutableClock.create());
        long left = 0;
        for (ObservedEdge edge : edges) {
            Fate fate = simulation.decide(edge).fate();
            if (edge.ruling().allowed()) {
                left += fate == Fate.STILL_ALLOWED ? 0 : 1;
                boolean expected = !edge.source().isEmpty() && !edge.labels().isEmpty();
                if (expected) {
                    assertThat(fate).as(edge.toString()).isEqualTo(Fate.STILL_ALLOWED);
                }
            }
        }
        assertThat(suggestion.left()).hasSize((int) left);
    }

    /** A mesh's traffic: each edge once, allowed or denied. */
    private static List<ObservedEdge> edges(Cases cases) {
        List<ObservedEdge> edges = new ArrayList<>();
        int count = cases.between(1, 40);
        for (int i = 0; i < count; i++) {
            String to = cases.oneOf(List.of("orders", "carts", "db", "x.y"));
            boolean http = cases.chance(2);
            edges.add(
                    cases.chance(12)
                            ? Edges.plaintext("10.0.0." + i, to, true)
                            : Edges.edge(
                                    ID + cases.oneOf(List.of("web", "guest", "cron", "a.b_c")),
                                    to,
                                    labels(cases, to),
                                    http,
                                    http ? method(cases) : "",
                                    http ? path(cases) : "",
                                    !cases.chance(5),
                                    cases.between(1, 1000)));
        }
        return edges;
    }

    private static Map<String, String> labels(Cases cases, String app) {
        return switch (cases.between(0, 9)) {
            case 0 -> Map.of();
            case 1 -> Map.of("app", app, "version", "v" + cases.between(1, 2));
            case 2 -> Map.of("tier", "back");
            case 3 -> Map.of("app.kubernetes.io/name", app, "app.kubernetes.io/instance", "one");
            default -> Map.of("app", app);
        };
    }

    private static String method(Cases cases) {
        return cases.oneOf(List.of("GET", "POST", "HEAD", "DELETE", ReportedEdge.ANY));
    }

    private static String path(Cases cases) {
        String path =
                cases.oneOf(
                        List.of(
                                "/",
                                "/orders",
                                "/orders/42",
                                "/orders/42/items/7",
                                "/a/b/c/",
                                "/q/\"quoted\\",
                                "/pkg.Service/Method",
                                "*"));
        return PathShape.of(path, cases.oneOf(List.of(PathShape.Grain.values())));
    }
}
