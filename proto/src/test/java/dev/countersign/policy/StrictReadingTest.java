package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where our own reading and Istio's differ, side by side. */
class StrictReadingTest {

    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final MeshSettings OURS = MeshSettings.countersign("countersign-system", "td");
    private static final MeshSettings ISTIO = MeshSettings.istio("istio-system", "td");
    private static final Request PLAINTEXT =
            Request.http().port(80).method("GET").path("/").build();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from: [{source: {notPrincipals: [td/ns/a/sa/b]}}]",
                "from: [{source: {notNamespaces: [a]}}]",
                "from: [{source: {notServiceAccounts: [a/b]}}]",
                "from: [{source: {notTrustDomains: [evil]}}]",
                "from: [{source: {notRequestPrincipals: ['*']}}]",
                "when: [{key: 'request.headers[x-a]', notValues: [bad]}]",
                "when: [{key: 'request.auth.claims[role]', notValues: [bad]}]",
                "when: [{key: connection.sni, notValues: [bad]}]",
                "when: [{key: source.principal, notValues: [td/ns/a/sa/b]}]"
            })
    void aNegativeMatchOnWhatIsAbsentAllowsNobody(String rule) throws PolicyRefused {
        assertThat(decide(OURS, ours("ALLOW", rule), PLAINTEXT).allowed()).isFalse();
        assertThat(decide(OURS, istio("ALLOW", rule), PLAINTEXT).allowed())
                .as("Istio's resource without Istio's compatibility")
                .isFalse();
        assertThat(decide(ISTIO, ours("ALLOW", rule), PLAINTEXT).allowed())
                .as("our resource under Istio's compatibility")
                .isFalse();
        assertThat(decide(ISTIO, istio("ALLOW", rule), PLAINTEXT).allowed())
                .as("Istio's quirk")
                .isTrue();
    }

    @Test
    void aNegativeMatchOnWhatIsAbsentStillDenies() throws PolicyRefused {
        String rule = "from: [{source: {notPrincipals: ['*']}}]";

        assertThat(decide(OURS, ours("DENY", rule), PLAINTEXT).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
        assertThat(decide(ISTIO, istio("DENY", rule), PLAINTEXT).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
    }

    @Test
    void aNegativeMatchThatHoldsAllows() throws PolicyRefused {
        String rule = "from: [{source: {notNamespaces: [a]}}]";

        assertThat(decide(OURS, ours("ALLOW", rule), from("td/ns/b/sa/c")).allowed()).isTrue();
        assertThat(decide(OURS, ours("ALLOW", rule), from("td/ns/a/sa/c")).allowed()).isFalse();
        assertThat(decide(OURS, ours("ALLOW", rule), from("foreign/ns/b/sa/c")).allowed())
                .as("a namespace elsewhere is none of ours")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from: [{source: {namespaces: [web]}}]",
                "from: [{source: {namespaces: ['w*']}}]",
                "from: [{source: {serviceAccounts: [web/front]}}]",
                "when: [{key: source.namespace, values: [web]}]",
                "when: [{key: source.serviceAccount, values: [web/front]}]"
            })
    void namespacesAndAccountsMeanOurOwnTrustDomain(String rule) throws PolicyRefused {
        assertThat(decide(OURS, ours("ALLOW", rule), from("td/ns/web/sa/front")).allowed())
                .isTrue();
        assertThat(decide(OURS, ours("ALLOW", rule), from("evil/ns/web/sa/front")).allowed())
                .isFalse();
        assertThat(decide(ISTIO, istio("ALLOW", rule), from("evil/ns/web/sa/front")).allowed())
                .isTrue();
    }

    @Test
    void aliasesCountAsOurOwn() throws PolicyRefused {
        MeshSettings aliased = withAliases(OURS, "old");
        String rule = "from: [{source: {serviceAccounts: [web/front]}}]";

        assertThat(decide(aliased, ours("ALLOW", rule), from("old/ns/web/sa/front")).allowed())
                .isTrue();
        assertThat(
                        decide(
                                        aliased,
                                        ours(
                                                "ALLOW",
                                                "from: [{source: {principals: [td/ns/web/sa/x]}}]"),
                                        from("old/ns/web/sa/x"))
                                .allowed())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "td/ns/web/sa/front/x",
                "td/ns/web/x/sa/front",
                "td/x/ns/web/sa/front",
                "td/ns/web/sa/",
                "td/ns//sa/front",
                "td/web/front",
                "td",
                "/ns/web/sa/front"
            })
    void anIdentityOfAnotherShapeIsNoServiceAccount(String id) throws PolicyRefused {
        assertThat(
                        decide(
                                        OURS,
                                        ours("ALLOW", "from: [{source: {namespaces: [web, '*']}}]"),
                                        from(id))
                                .allowed())
                .isFalse();
        assertThat(
                        decide(
                                        OURS,
                                        ours(
                                                "ALLOW",
                                                "from: [{source: {serviceAccounts: [web/front]}}]"),
                                        from(id))
                                .allowed())
                .isFalse();
    }

    @Test
    void aPrincipalMayCarryItsSchemeInOurGroup() throws PolicyRefused {
        String rule = "from: [{source: {principals: ['spiffe://td/ns/a/sa/b']}}]";

        assertThat(decide(OURS, ours("ALLOW", rule), from("td/ns/a/sa/b")).allowed()).isTrue();
        assertThat(decide(ISTIO, istio("ALLOW", rule), from("td/ns/a/sa/b")).allowed()).isFalse();
        assertThat(decide(OURS, istio("ALLOW", rule), from("td/ns/a/sa/b")).allowed()).isFalse();
        assertThat(decide(OURS, istio("DENY", rule), from("td/ns/a/sa/b")).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
    }

    @Test
    void withoutAnAllowPolicyTheDefaultDecides() throws PolicyRefused {
        String audit = ours("AUDIT", "to: [{operation: {ports: ['80']}}]");

        assertThat(decide(OURS, audit, PLAINTEXT).reason()).isEqualTo(Reason.DENIED_BY_DEFAULT);
        assertThat(decide(ISTIO, audit, PLAINTEXT).reason()).isEqualTo(Reason.ALLOWED_BY_DEFAULT);
    }

    @Test
    void aBooleanClaimDeniesByItsTextAndNeverAllows() throws PolicyRefused {
        String rule = "when: [{key: 'request.auth.claims[blocked]', values: ['true']}]";
        Request blocked =
                Request.http().port(80).path("/").jwtClaims(Map.of("blocked", true)).build();

        assertThat(decide(OURS, ours("DENY", rule), blocked).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
        assertThat(decide(OURS, ours("ALLOW", rule), blocked).allowed()).isFalse();
        assertThat(decide(ISTIO, istio("DENY", rule), blocked).allowed()).isTrue();
    }

    @Test
    void anHttpProviderCannotBeAskedOnTcpWhichDenies() throws PolicyRefused {
        MeshSettings ours = withProvider(OURS, ExternalAuthorizer.Type.HTTP);
        MeshSettings istio = withProvider(ISTIO, ExternalAuthorizer.Type.HTTP);
        String custom = "action: CUSTOM\n  provider: {name: authz}";
        Request tcp = Request.tcp().port(80).build();

        assertThat(decide(ours, ours("ALLOW", "{}").replace("action: ALLOW", custom), tcp).reason())
                .isEqualTo(Reason.CUSTOM_PROVIDER_NEEDS_HTTP);
        assertThat(
                        decide(istio, istio("ALLOW", "{}").replace("action: ALLOW", custom), tcp)
                                .allowed())
                .isTrue();
    }

    @Test
    void aProviderThatWasNotAskedDenies() throws PolicyRefused {
        MeshSettings mesh = withProvider(ISTIO, ExternalAuthorizer.Type.GRPC);
        String custom =
                istio("ALLOW", "{}")
                        .replace("action: ALLOW", "action: CUSTOM\n  provider: {name: authz}");
        WorkloadPolicies policies = set(mesh, custom).forWorkload(ORDERS);

        assertThat(policies.providersToAsk(PLAINTEXT)).containsExactly("authz");
        assertThat(policies.decide(PLAINTEXT).reason())
                .isEqualTo(Reason.CUSTOM_PROVIDER_UNAVAILABLE);
        assertThat(policies.decide(PLAINTEXT, name -> ProviderAnswers.Answer.ALLOW).allowed())
                .isTrue();
    }

    @Test
    void anExpressionAllowsNobodyAndLeavesADenyWiderThanWritten() {
        Rule byExpression = new Rule(List.of(), List.of(), List.of(), "request.size < 10");

        assertThat(decide(policy(Action.ALLOW, byExpression)).allowed()).isFalse();
        assertThat(decide(policy(Action.DENY, byExpression)).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
    }

    @Test
    void aConditionThatSlippedPastAdmissionOpensNothing() {
        Rule unknown =
                new Rule(
                        List.of(),
                        List.of(),
                        List.of(new Condition("destination.user", List.of("x"), List.of())),
                        null);

        assertThat(decide(policy(Action.ALLOW, unknown)).allowed()).isFalse();
        assertThat(decide(policy(Action.DENY, unknown)).reason())
                .isEqualTo(Reason.DENY_RULE_MATCHED);
    }

    @Test
    void aPathThatIsNotNormalIsDeniedBeforeAnyPolicy() throws PolicyRefused {
        Request raw = Request.http().port(80).method("GET").path("/public/../admin").build();

        assertThat(decide(OURS, ours("ALLOW", "{}"), raw).reason())
                .isEqualTo(Reason.PATH_NOT_NORMALIZED);
    }

    @Test
    void aProofOfAWeakerFormIsNotTakenForAStrongerOne() throws PolicyRefused {
        NormalizedPath weak =
                PathNormalizer.normalize(PathNormalizer.Mode.BASE, "/public//..%2fadmin");
        NormalizedPath strong =
                PathNormalizer.normalize(OURS.pathNormalization(), "/public//..%2fadmin");

        assertThat(decide(OURS, ours("ALLOW", "{}"), proven(weak)).reason())
                .isEqualTo(Reason.PATH_NOT_NORMALIZED);
        assertThat(decide(OURS, ours("ALLOW", "{}"), proven(strong)).allowed()).isTrue();
    }

    private static Request proven(NormalizedPath path) {
        return Request.http().port(80).method("GET").normalPath((NormalizedPath.Ok) path).build();
    }

    @Test
    void aFaultWhileEvaluatingDenies() throws PolicyRefused {
        Request faulty =
                Request.http()
                        .port(80)
                        .path("/")
                        .headers(name -> {
                            throw new IllegalStateException("headers are gone");
                        })
                        .build();
        String rule = "when: [{key: 'request.headers[x]', values: [y]}]";
        PolicySet set = set(ISTIO, istio("DENY", rule));

        assertThat(set.decide(ORDERS, faulty).reason()).isEqualTo(Reason.EVALUATION_FAULT);
        assertThat(set.decide(ORDERS, faulty).allowed()).isFalse();
        assertThat(set.explain(ORDERS, faulty).policies()).isEmpty();
    }

    @Test
    void severalValuesOfAHeaderAreComparedTogether() throws PolicyRefused {
        String rule = "when: [{key: 'request.headers[X-Tenant]', values: [blue]}]";
        Request.Builder request = Request.http().port(80).path("/").header("x-tenant", "blue");

        assertThat(decide(OURS, ours("ALLOW", rule), request.build()).allowed()).isTrue();
        assertThat(
                        decide(OURS, ours("ALLOW", rule), request.header("X-TENANT", "red").build())
                                .allowed())
                .isFalse();
    }

    @Test
    void theRootNamespaceIsThatOfThePolicysGroup() throws PolicyRefused {
        String ours =
                ours("ALLOW", "{}").replace("namespace: shop", "namespace: countersign-system");
        String theirs = istio("ALLOW", "{}").replace("namespace: shop", "namespace: istio-system");

        assertThat(decide(OURS, ours, PLAINTEXT).allowed()).isTrue();
        assertThat(decide(OURS, theirs, PLAINTEXT).allowed()).isTrue();
        assertThat(
                        decide(OURS, ours.replace("countersign-system", "istio-system"), PLAINTEXT)
                                .allowed())
                .isFalse();
    }

    @Test
    void addressesThatAreUnknownAllowNobody() throws PolicyRefused {
        String rule = "from: [{source: {notIpBlocks: [10.0.0.0/8]}}]";
        Request known =
                Request.http().port(80).path("/").sourceIp(IpAddress.parse("192.0.2.1")).build();

        assertThat(decide(OURS, ours("ALLOW", rule), PLAINTEXT).allowed()).isFalse();
        assertThat(decide(OURS, ours("ALLOW", rule), known).allowed()).isTrue();
    }

    private static Decision decide(AuthorizationPolicy policy) {
        return PolicySet.of(1, OURS, List.of(policy)).decide(ORDERS, PLAINTEXT);
    }

    private static AuthorizationPolicy policy(Action action, Rule rule) {
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                "shop",
                "p",
                action,
                PolicyMode.ENFORCE,
                Map.of(),
                List.of(),
                null,
                List.of(rule),
                null);
    }

    private static Decision decide(MeshSettings mesh, String yaml, Request request)
            throws PolicyRefused {
        return set(mesh, yaml).decide(ORDERS, request);
    }

    private static PolicySet set(MeshSettings mesh, String yaml) throws PolicyRefused {
        byte[] bytes = yaml.getBytes(StandardCharsets.UTF_8);
        return PolicySet.of(1, mesh, PolicyParser.parse("test.yaml", bytes).policies());
    }

    private static Request from(String principal) {
        return Request.http().port(80).method("GET").path("/").sourcePrincipal(principal).build();
    }

    private static String ours(String action, String rule) {
        return policy("countersign.dev/v1", action, rule);
    }

    private static String istio(String action, String rule) {
        return policy("security.istio.io/v1", action, rule);
    }

    private static String policy(String version, String action, String rule) {
        return """
        apiVersion: %s
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: shop}
        spec:
          action: %s
          rules:
          - %s
        """
                .formatted(version, action, rule);
    }

    private static MeshSettings withAliases(MeshSettings mesh, String... aliases) {
        return new MeshSettings(
                mesh.rootNamespace(),
                mesh.istioRootNamespace(),
                mesh.trustDomain(),
                List.of(aliases),
                mesh.compatibility(),
                mesh.defaultAction(),
                mesh.pathNormalization(),
                mesh.spaceDelimitedClaims(),
                false,
                Map.of());
    }

    private static MeshSettings withProvider(MeshSettings mesh, ExternalAuthorizer.Type type) {
        return new MeshSettings(
                mesh.rootNamespace(),
                mesh.istioRootNamespace(),
                mesh.trustDomain(),
                List.of(),
                mesh.compatibility(),
                mesh.defaultAction(),
                mesh.pathNormalization(),
                mesh.spaceDelimitedClaims(),
                false,
                Map.of("authz", new ExternalAuthorizer("authz", type)));
    }
}
