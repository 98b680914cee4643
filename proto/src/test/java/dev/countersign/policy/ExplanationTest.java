package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplanationTest {

    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final MeshSettings MESH =
            MeshSettings.countersign("countersign-system", "example.org");
    private static final String CALLERS =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: orders-callers, namespace: shop}
            spec:
              rules:
              - from:
                - source: {principals: [example.org/ns/shop/sa/web]}
                to:
                - operation: {methods: [GET], paths: [/orders/*]}
            """;

    @Test
    void aDenialShowsEachClauseAndTheOneThatIsMissing() throws PolicyRefused {
        Explanation explanation = set(CALLERS).explain(ORDERS, get("shop", "guest", "/orders/42"));

        assertThat(ExplanationText.render(explanation))
                .isEqualTo(
                        """
                        DENIED  example.org/ns/shop/sa/guest → shop/orders:8080  GET /orders/42   revision 1
                          ALLOW policies that apply to shop/orders: 1, none matched
                            shop/orders-callers  rule 0
                              source.principals  example.org/ns/shop/sa/web  ✗ is example.org/ns/shop/sa/guest
                              operation.methods  GET                         ✓
                              operation.paths    /orders/*                   ✓
                          one clause away: adding example.org/ns/shop/sa/guest to source.principals in rule 0 of shop/orders-callers would allow it
                        """);
        assertThat(explanation.nearMiss())
                .hasValueSatisfying(
                        near -> assertThat(near.policy()).isEqualTo("shop/orders-callers"));
    }

    @Test
    void anAllowedRequestShowsTheRuleThatLetItIn() throws PolicyRefused {
        Explanation explanation = set(CALLERS).explain(ORDERS, get("shop", "web", "/orders/42"));

        assertThat(explanation.decision().allowed()).isTrue();
        assertThat(explanation.nearMiss()).isEmpty();
        assertThat(ExplanationText.render(explanation)).startsWith("ALLOWED").contains("1 matched");
    }

    @Test
    void twoMissingClausesAreNoNearMiss() throws PolicyRefused {
        assertThat(set(CALLERS).explain(ORDERS, get("shop", "guest", "/admin")).nearMiss())
                .isEmpty();
    }

    @Test
    void theNearestOfSeveralSourcesIsShown() throws PolicyRefused {
        String two =
                CALLERS.replace(
                        "    to:",
                        "    - source: {namespaces: [ops], ipBlocks: [10.0.0.1]}\n    to:");

        String text =
                ExplanationText.render(set(two).explain(ORDERS, get("shop", "guest", "/orders/1")));

        assertThat(text).contains("(the nearest of 2 sources)").contains("source.principals");
    }

    @Test
    void aRuleThatLooksAtHttpIsExplainedOnTcp() throws PolicyRefused {
        Request connection =
                Request.tcp().port(9000).sourcePrincipal("example.org/ns/shop/sa/web").build();

        Explanation explanation = set(CALLERS).explain(ORDERS, connection);

        assertThat(explanation.decision().allowed()).isFalse();
        assertThat(ExplanationText.render(explanation))
                .contains("never matches: looks at HTTP, and this connection is TCP");
    }

    @Test
    void aDenyNamesItsRuleAndSaysThatNoAllowHelps() throws PolicyRefused {
        String deny =
                CALLERS.replace("spec:", "spec:\n  action: DENY").replace("sa/web", "sa/guest");

        String text =
                ExplanationText.render(
                        set(CALLERS + "---\n" + deny.replace("orders-callers", "no-guests"))
                                .explain(ORDERS, get("shop", "guest", "/orders/1")));

        assertThat(text)
                .contains("DENY policies that apply to shop/orders: 1, 1 matched")
                .contains("no ALLOW lifts this: change rule 0 of shop/no-guests");
    }

    @Test
    void valuesOfSecretHeadersAreHidden() throws PolicyRefused {
        String secret =
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: p, namespace: shop}
                spec:
                  rules:
                  - when:
                    - {key: 'request.headers[Authorization]', values: [x]}
                    - {key: 'request.headers[x-tenant]', values: [x]}
                """;
        Request request =
                Request.http()
                        .port(80)
                        .path("/")
                        .header("Authorization", "Bearer s3cr3t")
                        .header("X-Tenant", "blue\u001b[31m")
                        .build();

        String text = ExplanationText.render(set(secret).explain(ORDERS, request));

        assertThat(text)
                .doesNotContain("s3cr3t")
                .contains("✗ is (hidden)")
                .contains("✗ is blue\\u001b[31m");
    }

    @Test
    void whatDryRunWouldDoIsShownBesideTheDecision() throws PolicyRefused {
        String trial =
                CALLERS.replace("orders-callers", "trial")
                        .replace("spec:", "spec:\n  mode: DryRun\n  action: DENY");

        Explanation explanation =
                set(CALLERS + "---\n" + trial).explain(ORDERS, get("shop", "web", "/orders/1"));

        assertThat(explanation.decision().allowed()).isTrue();
        assertThat(ExplanationText.render(explanation))
                .contains("in DryRun: shop/trial rule 0 would DENY");
    }

    @Test
    void nothingAppliesAndNothingReceivedAreToldApart() throws PolicyRefused {
        Request request = get("shop", "web", "/");

        assertThat(ExplanationText.render(PolicySet.empty(MESH).explain(ORDERS, request)))
                .contains("no policies have been received yet");
        assertThat(
                        ExplanationText.render(
                                PolicySet.of(1, MESH, List.of()).explain(ORDERS, request)))
                .contains("no ALLOW policy applies to shop/orders")
                .contains("an ALLOW policy in shop that names example.org/ns/shop/sa/web");
    }

    private static Request get(String namespace, String account, String path) {
        return Request.http()
                .port(8080)
                .sourcePrincipal("spiffe://example.org/ns/" + namespace + "/sa/" + account)
                .method("GET")
                .path(path)
                .build();
    }

    private static PolicySet set(String yaml) throws PolicyRefused {
        byte[] bytes = yaml.getBytes(StandardCharsets.UTF_8);
        return PolicySet.of(1, MESH, PolicyParser.parse("test.yaml", bytes).policies());
    }
}
