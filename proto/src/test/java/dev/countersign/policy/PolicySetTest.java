package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicySetTest {

    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final MeshSettings MESH = MeshSettings.countersign("root", "td");
    private static final Request WEB =
            Request.http()
                    .port(80)
                    .method("GET")
                    .path("/a")
                    .sourcePrincipal("td/ns/shop/sa/web")
                    .build();
    private static final Instant END = Instant.parse("2026-03-01T10:15:00Z");

    @Test
    void beforeAnythingWasReceivedEverythingIsDenied() {
        assertThat(PolicySet.empty(MeshSettings.istio("root", "td")).decide(ORDERS, WEB).reason())
                .isEqualTo(Reason.NO_POLICY_SOURCE);
    }

    @Test
    void aDecisionNamesWhatDecidedAndWhere() throws PolicyRefused {
        Decision decision =
                PolicySet.of(
                                7,
                                MESH,
                                parse(
                                        policy(
                                                "spec: {rules: [{from: [{source: {namespaces:"
                                                        + " [x]}}]}, {}]}")))
                        .decide(ORDERS, WEB);

        assertThat(decision)
                .isEqualTo(
                        new Decision(
                                true,
                                Action.ALLOW,
                                "shop",
                                "p",
                                1,
                                7,
                                Reason.ALLOW_RULE_MATCHED,
                                decision.ruleId()));
        assertThat(decision.ruleId()).matches("shop/p#1:[0-9a-f]{8}");
        assertThat(decision.policy()).isEqualTo("shop/p");
    }

    @Test
    void anAllowThatHasEndedStillShutsOutWhatItNoLongerAllows() throws PolicyRefused {
        MutableClock clock = new MutableClock(END.minusSeconds(1));
        PolicySet set =
                PolicySet.of(
                        1,
                        MeshSettings.istio("root", "td"),
                        parse(policy("spec: {validUntil: '2026-03-01T10:15:00Z', rules: [{}]}")),
                        clock);

        assertThat(set.decide(ORDERS, WEB).allowed()).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(set.decide(ORDERS, WEB).reason()).isEqualTo(Reason.NO_ALLOW_RULE_MATCHED);
    }

    @Test
    void aDenyThatHasEndedIsLifted() throws PolicyRefused {
        MutableClock clock = new MutableClock(END.minusSeconds(1));
        String deny = "spec: {action: DENY, validUntil: '2026-03-01T10:15:00Z', rules: [{}]}";
        PolicySet set =
                PolicySet.of(1, MeshSettings.istio("root", "td"), parse(policy(deny)), clock);

        assertThat(set.decide(ORDERS, WEB).reason()).isEqualTo(Reason.DENY_RULE_MATCHED);
        clock.advance(Duration.ofSeconds(1));
        assertThat(set.decide(ORDERS, WEB).allowed()).isTrue();
    }

    @Test
    void withoutAClockAnEndFallsOnTheSafeSide() throws PolicyRefused {
        String allow = "spec: {validUntil: '2999-01-01T00:00:00Z', rules: [{}]}";
        String deny = "spec: {action: DENY, validUntil: '1999-01-01T00:00:00Z', rules: [{}]}";
        MeshSettings open = MeshSettings.istio("root", "td");

        assertThat(PolicySet.of(1, open, parse(policy(allow))).decide(ORDERS, WEB).allowed())
                .isFalse();
        assertThat(PolicySet.of(1, open, parse(policy(deny))).decide(ORDERS, WEB).allowed())
                .isFalse();
    }

    @Test
    void dryRunOfEveryActionIsReportedAndDecidesNothing() throws PolicyRefused {
        String allow = "spec: {rules: [{}]}";
        String dryDeny = "spec: {action: DENY, mode: DryRun, rules: [{}]}";
        WorkloadPolicies policies =
                PolicySet.of(
                                1,
                                MESH,
                                parse(policy(allow), policy(dryDeny).replace("name: p", "name: q")))
                        .forWorkload(ORDERS);

        assertThat(policies.decide(WEB).allowed()).isTrue();
        assertThat(policies.dryRun(WEB))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.policy()).isEqualTo("shop/q");
                    assertThat(one.allowed()).isFalse();
                });
    }

    @Test
    void auditMarksAndDecidesNothing() throws PolicyRefused {
        WorkloadPolicies policies =
                PolicySet.of(
                                1,
                                MeshSettings.istio("root", "td"),
                                parse(policy("spec: {action: AUDIT, rules: [{}]}")))
                        .forWorkload(ORDERS);

        assertThat(policies.decide(WEB).reason()).isEqualTo(Reason.ALLOWED_BY_DEFAULT);
        assertThat(policies.audited(WEB)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'{rules: [{to: [{operation: {methods: [GET]}}]}]}', 80, true",
        "'{rules: [{to: [{operation: {ports: [\"80\"]}}]}]}', 80, false",
        "'{rules: [{to: [{operation: {ports: [\"80\"], methods: [GET]}}]}]}', 80, true",
        "'{rules: [{to: [{operation: {ports: [\"80\"], methods: [GET]}}]}]}', 81, false",
        "'{rules: [{to: [{operation: {notPorts: [\"80\"], methods: [GET]}}]}]}', 80, false",
        "'{rules: [{from: [{source: {namespaces: [a]}}]}]}', 80, false",
        "'{rules: [{from: [{source: {requestPrincipals: [a/b]}}], to: [{operation: {ports: [\"80\"]}}]}]}', 80, true",
        "'{rules: [{from: [{source: {requestPrincipals: [a/b]}}], to: [{operation: {ports: [\"80\"]}}]}]}', 81, false",
        "'{rules: [{when: [{key: \"request.headers[a]\", values: [b]}]}]}', 80, true",
        "'{rules: [{when: [{key: \"request.headers[a]\", values: [b]}, {key: destination.port, values: [\"81\"]}]}]}', 80, false",
        "'{}', 80, false",
        "'{mode: DryRun, rules: [{to: [{operation: {paths: [/a]}}]}]}', 80, true",
        "'{selector: {matchLabels: {app: other}}, rules: [{to: [{operation: {paths: [/a]}}]}]}', 80, false"
    })
    void knowsOnWhichPortsRulesLookAtHttp(String spec, int port, boolean expected)
            throws PolicyRefused {
        WorkloadPolicies policies =
                PolicySet.of(1, MESH, parse(policy("spec: " + spec))).forWorkload(ORDERS);

        assertThat(policies.httpRulesOnPort(port)).isEqualTo(expected);
    }

    @Test
    void aWorkloadGetsWhatAppliesToItAndNothingElse() throws PolicyRefused {
        String plain = policy("spec: {rules: [{}]}");
        List<AuthorizationPolicy> all =
                parse(
                        plain,
                        plain.replace("shop}", "root}"),
                        plain.replace("shop}", "other}"),
                        plain.replace("name: p", "name: s")
                                .replace("spec: {", "spec: {selector: {matchLabels: {app: web}}, "),
                        plain.replace("name: p", "name: t")
                                .replace(
                                        "spec: {",
                                        "spec: {targetRefs: [{kind: Service, name: a}], "));

        assertThat(PolicySet.of(1, MESH, all).applicableTo(ORDERS))
                .extracting(AuthorizationPolicy::id)
                .containsExactly("shop/p", "root/p");
        assertThat(
                        PolicySet.of(1, MESH, all)
                                .applicableTo(
                                        new Workload(
                                                "shop", "web", Map.of("app", "web", "v", "1"))))
                .extracting(AuthorizationPolicy::id)
                .containsExactly("shop/p", "root/p", "shop/s");
    }

    private static List<AuthorizationPolicy> parse(String... documents) throws PolicyRefused {
        byte[] yaml = String.join("---\n", documents).getBytes(StandardCharsets.UTF_8);
        return PolicyParser.parse("test.yaml", yaml).policies();
    }

    private static String policy(String spec) {
        return """
        apiVersion: countersign.dev/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: shop}
        %s
        """
                .formatted(spec);
    }
}
