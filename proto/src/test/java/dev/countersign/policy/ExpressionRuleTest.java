package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpressionRuleTest {
    private static final MeshSettings MESH = MeshSettings.countersign("root", "td");
    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final Request WEB =
            Request.http()
                    .sourcePrincipal("spiffe://td/ns/shop/sa/web")
                    .port(80)
                    .method("GET")
                    .path("/orders")
                    .header("x-tenant", "blue")
                    .jwtClaims(Map.of("iss", "i", "sub", "s", "level", 3, "groups", List.of("a")))
                    .build();
    private static final Request PLAINTEXT = Request.http().port(80).path("/orders").build();

    @Test
    void anAllowMatchesWhatItsExpressionHoldsFor() throws PolicyRefused {
        String tenant = "request.headers['x-tenant'] == 'blue'";
        String claims = "request.auth.claims.level >= 3 && request.auth.principal == 'i/s'";

        assertThat(decide("ALLOW", tenant, WEB).allowed()).isTrue();
        assertThat(decide("ALLOW", claims, WEB).allowed()).isTrue();
        assertThat(decide("ALLOW", "source.namespace == 'bank'", WEB).reason())
                .isEqualTo(Reason.NO_ALLOW_RULE_MATCHED);
    }

    @Test
    void whatHasNoValueKeepsAnAllowShutAndADenyInForce() throws PolicyRefused {
        String identity = "source.principal != 'td/ns/shop/sa/bad'";

        assertThat(decide("ALLOW", identity, PLAINTEXT).allowed()).isFalse();
        assertThat(decide("DENY", "source.principal == 'x'", PLAINTEXT).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
        assertThat(decide("ALLOW", identity, WEB).allowed()).isTrue();
    }

    @Test
    void auditMarksAndCustomAsksWhereThereIsNoValue() throws PolicyRefused {
        WorkloadPolicies audit = policies("AUDIT", "source.principal == 'x'");
        WorkloadPolicies custom = policies("CUSTOM", "connection.sni == 'x'");

        assertThat(audit.audited(PLAINTEXT)).hasSize(1);
        assertThat(audit.audited(WEB)).isEmpty();
        assertThat(custom.decide(WEB).reason()).isEqualTo(Reason.CUSTOM_PROVIDER_UNDEFINED);
    }

    @Test
    void onTcpItIsAsAnyFieldOfHttp() throws PolicyRefused {
        Request tcp = Request.tcp().port(80).build();

        assertThat(decide("ALLOW", "true", tcp).allowed()).isFalse();
        assertThat(decide("DENY", "false", tcp).reason()).isEqualTo(Reason.DENY_RULE_MATCHED);
        assertThat(policies("ALLOW", "true").httpRulesOnPort(80)).isTrue();
    }

    @Test
    void namespacesAreThoseOfTheOwnTrustDomain() throws PolicyRefused {
        Request foreign =
                Request.http()
                        .sourcePrincipal("spiffe://other/ns/shop/sa/web")
                        .port(80)
                        .path("/")
                        .build();
        String shop = "source.namespace == 'shop'";

        assertThat(decide("ALLOW", shop, foreign).allowed()).isFalse();
        assertThat(decide("ALLOW", "source.trustDomain == 'other'", foreign).allowed()).isTrue();
        assertThat(decide("ALLOW", shop, WEB).allowed()).isTrue();
    }

    @Test
    void theWorkloadCanBeAskedForWhereItIsKnown() throws PolicyRefused {
        String labels = "destination.labels.app == 'orders' && destination.namespace == 'shop'";
        Request known = Request.http().port(80).path("/").destination(ORDERS).build();

        assertThat(decide("ALLOW", labels, known).allowed()).isTrue();
    }

    @Test
    void anExplanationShowsTheExpressionAndWhatItCameTo() throws PolicyRefused {
        String source = "connection.mtls && request.path == '/stock'";

        Explanation explanation = policies("ALLOW", source).explain(WEB);
        String faulty =
                ExplanationText.renderBody(policies("ALLOW", "connection.sni == 'x'").explain(WEB));

        Explanation.ClauseTrace clause =
                explanation.policies().getFirst().rules().getFirst().when().getFirst();
        assertThat(clause.field()).isEqualTo("expression");
        assertThat(clause.expected()).containsExactly(source);
        assertThat(clause.actual()).isEqualTo("false");
        assertThat(faulty).contains("no value").contains("connection.sni");
    }

    /** Nobody pays for a library that no policy needs: seen in a JVM of its own. */
    @Test
    void theLibraryIsNotLoadedBeforeAnExpressionIs() throws IOException, InterruptedException {
        assertThat(classesLoaded("none")).isNotEmpty().noneMatch(ExpressionRuleTest::isCel);
        assertThat(classesLoaded("true")).anyMatch(ExpressionRuleTest::isCel);
    }

    private static List<String> classesLoaded(String expression)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xlog:class+load",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DecidesOnce.class.getName(),
                                expression)
                        .redirectErrorStream(true)
                        .start();
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).readAllLines();
        assertThat(process.waitFor()).as("%s", lines).isZero();
        return lines.stream().filter(line -> line.contains("source:")).toList();
    }

    private static boolean isCel(String line) {
        return line.contains("] dev.cel.");
    }

    private static Decision decide(String action, String expression, Request request)
            throws PolicyRefused {
        return policies(action, expression).decide(request);
    }

    private static WorkloadPolicies policies(String action, String expression)
            throws PolicyRefused {
        String yaml =
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: p, namespace: shop}
                spec:
                  action: %s
                  %s
                  rules:
                  - expression: "%s"
                """
                        .formatted(
                                action,
                                action.equals("CUSTOM") ? "provider: {name: authz}" : "",
                                expression);
        return PolicySet.of(
                        1,
                        MESH,
                        PolicyParser.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8))
                                .policies())
                .forWorkload(ORDERS);
    }

    /** A program that decides one request by one policy. */
    static final class DecidesOnce {
        private DecidesOnce() {}

        public static void main(String[] arguments) throws PolicyRefused {
            boolean none = arguments[0].equals("none");
            WorkloadPolicies policies =
                    none
                            ? PolicySet.of(
                                            1,
                                            MESH,
                                            List.of(
                                                    new AuthorizationPolicy(
                                                            ApiGroup.COUNTERSIGN,
                                                            "shop",
                                                            "p",
                                                            Action.ALLOW,
                                                            PolicyMode.ENFORCE,
                                                            Map.of(),
                                                            List.of(),
                                                            null,
                                                            List.of(
                                                                    new Rule(
                                                                            List.of(), List.of(),
                                                                            List.of(), null)),
                                                            null)))
                                    .forWorkload(ORDERS)
                            : policies("ALLOW", arguments[0]);
            if (!policies.decide(WEB).allowed()) {
                throw new IllegalStateException("denied");
            }
        }
    }
}
