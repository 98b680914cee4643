package dev.countersign.server.admission.policies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.server.admission.review.ReviewAnswer;
import dev.countersign.server.admission.review.ReviewRequest;
import dev.countersign.server.admission.review.ReviewRequest.ObjectKind;
import dev.countersign.server.admission.review.ReviewRequest.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PolicyReviewerTest {
    private static final Instant NOW = Instant.EPOCH;
    private static final String ALLOW_WEB =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata:
              name: orders
              namespace: shop
              uid: 4c8f9c3e
              resourceVersion: "17"
              managedFields: [{manager: kubectl, fieldsV1: {"f:spec": {}}}]
            spec:
              selector: {matchLabels: {app: orders}}
              action: ALLOW
              rules: [{from: [{source: {principals: ["mesh.example/ns/shop/sa/web"]}}]}]
            """;
    private static final MeshSettings MESH =
            MeshSettings.countersign("countersign-system", "mesh.example");

    private final PolicyReviewer unguarded = new PolicyReviewer(Optional.empty());
    private final PolicyReviewer guarded = new PolicyReviewer(Optional.of(guard()));

    @Test
    void aGoodPolicyIsLetInWithWhatTheApiServerAddsToIt() {
        assertThat(unguarded.review(create(ALLOW_WEB))).isInstanceOf(ReviewAnswer.Allowed.class);
    }

    @Test
    void whatValidateRefusesIsRefusedWithPathValueAndExpectation() {
        String typo = ALLOW_WEB.replace("action: ALLOW", "action: ALOW");

        ReviewAnswer.Refused refused = (ReviewAnswer.Refused) unguarded.review(create(typo));

        Problem same = problem(typo);
        assertThat(refused.reason()).isEqualTo(same.code().toString());
        assertThat(refused.message())
                .isEqualTo(
                        same.path()
                                + ": "
                                + same.value()
                                + " (expected: "
                                + same.expected()
                                + ") ["
                                + same.code()
                                + "]");
    }

    @Test
    void warningsAndHintsOfTheParserAreHandedOn() {
        String empty = ALLOW_WEB.replace("selector: {matchLabels: {app: orders}}", "selector: {}");

        assertThat(unguarded.review(create(empty)).warnings())
                .anySatisfy(warning -> assertThat(warning).contains("[SELECTOR_EMPTY]"));
    }

    @Test
    void otherKindsAreNobodysBusinessHere() {
        ReviewRequest other =
                request(
                        new ObjectKind("countersign.dev", "v1", "TrustRoot"),
                        Operation.CREATE,
                        Optional.of(tree("{spec: {nonsense: true}}")),
                        Optional.empty());

        assertThat(guarded.review(other)).isEqualTo(ReviewAnswer.allowed());
    }

    @Test
    void aChangeThatCutsWhatFlowsIsRefusedWithTheTraffic() {
        ReviewAnswer answer = guarded.review(create(ALLOW_WEB.replace("sa/web", "sa/other")));

        assertThat(answer).isInstanceOf(ReviewAnswer.Refused.class);
        ReviewAnswer.Refused refused = (ReviewAnswer.Refused) answer;
        assertThat(refused.reason()).isEqualTo("CUTS_TRAFFIC");
        assertThat(refused.message())
                .contains(
                        "spiffe://mesh.example/ns/shop/sa/web →"
                                + " spiffe://mesh.example/ns/shop/sa/orders:8080 tcp (seen 214"
                                + " times)")
                .contains("annotation countersign.dev/allow-cut: \"true\"");
    }

    @Test
    void whoAcceptsItIsWarnedAndLetThrough() {
        String accepted =
                ALLOW_WEB
                        .replace("sa/web", "sa/other")
                        .replace(
                                "  name: orders",
                                "  annotations: {countersign.dev/allow-cut: \"true\"}\n"
                                        + "  name: orders");

        ReviewAnswer answer = guarded.review(create(accepted));

        assertThat(answer).isInstanceOf(ReviewAnswer.Allowed.class);
        assertThat(answer.warnings())
                .anySatisfy(warning -> assertThat(warning).startsWith("would cut traffic"));
    }

    @Test
    void deletingTheOnlyAllowCutsToo() {
        ReviewRequest delete =
                request(
                        new ObjectKind("countersign.dev", "v1", "AuthorizationPolicy"),
                        Operation.DELETE,
                        Optional.empty(),
                        Optional.of(tree(ALLOW_WEB)));

        assertThat(guarded.review(delete)).isInstanceOf(ReviewAnswer.Refused.class);
        assertThat(unguarded.review(delete)).isEqualTo(ReviewAnswer.allowed());
    }

    @Test
    void aChangeThatKeepsWhatFlowsPasses() {
        String wider =
                ALLOW_WEB.replace(
                        "[\"mesh.example/ns/shop/sa/web\"]",
                        "[\"mesh.example/ns/shop/sa/web\", \"mesh.example/ns/shop/sa/b\"]");

        assertThat(guarded.review(create(wider))).isInstanceOf(ReviewAnswer.Allowed.class);
    }

    private static TrafficGuard guard() {
        ObservedEdge edge =
                new ObservedEdge(
                        "spiffe://mesh.example/ns/shop/sa/web",
                        "",
                        "spiffe://mesh.example/ns/shop/sa/orders",
                        Map.of("app", "orders"),
                        EdgeDirection.INBOUND,
                        8080,
                        ObservedEdge.TCP,
                        "",
                        "",
                        new Ruling(true, "shop/orders", 0),
                        Optional.empty(),
                        EdgeTls.MTLS,
                        214,
                        NOW,
                        NOW);
        return new TrafficGuard(
                () -> new TrafficGuard.InForce(parsed(ALLOW_WEB).policies(), List.of()),
                () -> List.of(edge),
                MESH,
                InstantSource.fixed(NOW));
    }

    private static ReviewRequest create(String yaml) {
        return request(
                new ObjectKind("countersign.dev", "v1", "AuthorizationPolicy"),
                Operation.CREATE,
                Optional.of(tree(yaml)),
                Optional.empty());
    }

    private static ReviewRequest request(
            ObjectKind kind,
            Operation operation,
            Optional<ObjectNode> object,
            Optional<ObjectNode> old) {
        return new ReviewRequest(
                "u-1", kind, operation, "shop", "orders", "alice", false, object, old);
    }

    private static Problem problem(String yaml) {
        try {
            PolicyParser.parse("", yaml.getBytes(StandardCharsets.UTF_8));
            throw new AssertionError("accepted");
        } catch (PolicyRefused refused) {
            return refused.problems().getFirst();
        }
    }

    private static ParsedPolicies parsed(String yaml) {
        try {
            return PolicyParser.parse("", yaml.getBytes(StandardCharsets.UTF_8));
        } catch (PolicyRefused refused) {
            throw new AssertionError(refused);
        }
    }

    private static ObjectNode tree(String yaml) {
        try {
            return (ObjectNode) new YAMLMapper().readTree(yaml);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }
}
