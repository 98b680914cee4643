package dev.countersign.server.kubernetes.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.server.testing.CustomResourceServer;
import dev.countersign.server.testing.Resources;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The definitions on a server that takes them at their word. */
final class CustomResourceSchemaTest {
    private static KubernetesClient client;

    @BeforeAll
    static void installed() {
        client = CustomResourceServer.shared();
        Resources.install(client);
    }

    @Test
    void everyRuleAndPatternOfTheDefinitionsIsUnderstood() {
        for (ResourceKind kind : ResourceKind.values()) {
            var definition =
                    client.apiextensions()
                            .v1()
                            .customResourceDefinitions()
                            .withName(kind.definition())
                            .get();

            assertThat(definition.getStatus().getConditions())
                    .filteredOn(one -> one.getType().equals("NonStructuralSchema"))
                    .isEmpty();
            assertThat(definition.getSpec().getNames().getCategories())
                    .containsExactly("countersign");
        }
    }

    @Test
    void neverRefusesWhatTheParserAccepts() throws IOException {
        int accepted = 0;
        int refusedToo = 0;
        for (String written : tables()) {
            String policy =
                    written.replaceAll("security.istio.io/v1(beta1)?", "countersign.dev/v1");
            if (isAccepted(policy)) {
                accepted++;
                assertThatCode(() -> create(policy)).as(policy).doesNotThrowAnyException();
            } else if (isRefused(policy)) {
                refusedToo++;
            }
        }

        assertThat(accepted).isGreaterThan(100);
        assertThat(refusedToo).as("of what the parser refuses").isGreaterThan(20);
    }

    @ParameterizedTest
    @MethodSource
    void takesWhatTheParserTakesAndPeopleSeldomWrite(String spec) throws PolicyRefused {
        String policy = policy("AuthorizationPolicy", spec);
        PolicyParser.parse("case.yaml", policy.getBytes(StandardCharsets.UTF_8));

        assertThatCode(() -> create(policy)).doesNotThrowAnyException();
    }

    static Stream<String> takesWhatTheParserTakesAndPeopleSeldomWrite() {
        return Stream.of(
                "{}",
                "{selector: {}}",
                "{selector: {matchLabels: {}}, targetRefs: [{kind: Service, name: a}]}",
                "{targetRef: {group: core, kind: Service, name: a}, targetRefs: []}",
                "{action: null, rules: [{}]}",
                "{validUntil: \"2026-03-01T10:15Z\"}",
                "{validUntil: \"2026-03-01T10:15:02.5+02:00\"}",
                "{rules: [{from: [{source: {principals: [], serviceAccounts: [a, b/c]}}]}]}",
                "{rules: [{from: [{source: {ipBlocks: [\"::1\", \"10.0.0.0/8\"]}}]}]}",
                "{rules: [{from: [{source: {trustDomains: [\"*\", \"a*b\"]}}]}]}",
                "{rules: [{to: [{operation: {ports: [\"65535\"], paths: [\"/a/{*}\"]}}]}]}",
                "{rules: [{when: [{key: source.ip, values: [], notValues: [\"10.0.0.1\"]}]}]}",
                "{mode: DryRun, rules: [{expression: \"request.method == 'GET'\"}]}");
    }

    @ParameterizedTest
    @MethodSource
    void refusesByRuleAndSaysWhy(String kind, String spec, String why) {
        assertThatThrownBy(() -> create(policy(kind, spec)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(why);
    }

    static Stream<Arguments> refusesByRuleAndSaysWhy() {
        String authorization = "AuthorizationPolicy";
        return Stream.of(
                Arguments.of(authorization, "{action: ALOW}", "spec.action"),
                Arguments.of(authorization, "{action: CUSTOM, rules: [{}]}", "spec.provider"),
                Arguments.of(authorization, "{provider: {name: a}}", "spec.provider"),
                Arguments.of(authorization, "{action: DENY}", "at least one with DENY"),
                Arguments.of(authorization, "{rules: [{from: [{}]}]}", "source"),
                Arguments.of(authorization, "{rules: [{when: [{key: a}]}]}", "values"),
                Arguments.of(
                        authorization,
                        "{selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: a}}",
                        "selector beside targetRefs"),
                Arguments.of(
                        "PeerAuthentication",
                        "{portLevelMtls: {\"80\": {mode: STRICT}}}",
                        "portLevelMtls without a selector"),
                Arguments.of(
                        "RequestAuthentication", "{jwtRules: [{issuer: a}]}", "jwks and jwksUri"),
                Arguments.of("MeshSettings", "{defaultAction: DENY}", "is called mesh"),
                Arguments.of("TrustRoot", "{standby: Present}", "is called mesh"),
                Arguments.of("Revocation", "{reason: a}", "one of the two"),
                Arguments.of(
                        "Revocation", "{reason: a, pod: b, serviceAccount: c}", "one of the two"),
                Arguments.of("Revocation", "{reason: a, pod: b, duration: soon}", "duration"));
    }

    @Test
    void keepsWhatItDoesNotKnowForTheParserToRefuse() {
        String policy =
                policy(
                        "AuthorizationPolicy",
                        "{rules: [{to: [{operation: {paths: [/a], methodz: [GET]}}]}]}");

        String kept = Serialization.asJson(create(policy));

        assertThat(kept).contains("methodz");
        assertThatThrownBy(() ->
                        PolicyParser.parse("case.yaml", policy.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(PolicyRefused.class)
                .hasMessageContaining("methodz");
    }

    @Test
    void aRevocationIsNeverChanged() {
        String name = "never-changed";
        GenericKubernetesResource made =
                client.resource(resource(policy("Revocation", "{reason: a, pod: b}"), name))
                        .createOr(one -> one.update());
        made.setAdditionalProperty("spec", Map.of("reason", "a", "pod", "other"));

        assertThatThrownBy(() -> client.resource(made).update())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("never changed");
    }

    /** All policies that stand in the tables of admission and of decisions, each once. */
    private static Set<String> tables() throws IOException {
        Set<String> policies = new LinkedHashSet<>();
        table("policy-validation").forEach(row -> policies.add(row.get("policy").asText()));
        table("authorization")
                .forEach(row -> row.get("policies").forEach(one -> policies.add(one.asText())));
        return policies;
    }

    private static JsonNode table(String name) throws IOException {
        try (InputStream in =
                CustomResourceSchemaTest.class.getResourceAsStream("/cases/" + name + ".json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }

    private static boolean isAccepted(String policy) {
        try {
            PolicyParser.parse("case.yaml", policy.getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (PolicyRefused refused) {
            return false;
        }
    }

    private static boolean isRefused(String policy) {
        try {
            create(policy);
            return false;
        } catch (KubernetesClientException refused) {
            return true;
        }
    }

    private static String policy(String kind, String spec) {
        return "apiVersion: countersign.dev/v1\nkind: "
                + kind
                + "\nmetadata: {name: name, namespace: default}\nspec: "
                + spec
                + "\n";
    }

    /** Dry: checked in every way, and not kept. */
    private static GenericKubernetesResource create(String policy) {
        return client.resource(resource(policy, "name")).dryRun(true).create();
    }

    private static GenericKubernetesResource resource(String policy, String name) {
        GenericKubernetesResource resource =
                Serialization.unmarshal(policy, GenericKubernetesResource.class);
        ResourceKind kind =
                Stream.of(ResourceKind.values())
                        .filter(one -> one.kind().equals(resource.getKind()))
                        .findFirst()
                        .orElseThrow();
        resource.getMetadata().setName(name);
        resource.getMetadata().setNamespace(kind.isNamespaced() ? "default" : null);
        return resource;
    }
}
