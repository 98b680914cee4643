package dev.countersign.server.kubernetes.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.server.admission.injection.Pods;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.testing.Patience;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shipped ValidatingAdmissionPolicies, in force in one namespace of a current API server. */
final class GuardrailsE2ETest {
    private static final Path SHIPPED =
            Path.of(
                    "..",
                    "deploy",
                    "kubernetes",
                    "guardrails",
                    "validating-admission-policies.yaml");
    private static final String DIGEST = "@sha256:" + "0123456789abcdef".repeat(4);
    private static final String GOOD =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}}
            spec:
              serviceAccountName: web
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
              initContainers:
              - name: countersign-redirect
                image: countersign/sidecar-agentDIGEST
                securityContext: {runAsUser: 0, runAsNonRoot: false, capabilities: {drop: [ALL], add: [NET_ADMIN]}}
              - name: countersign-agent
                image: countersign/sidecar-agentDIGEST
                restartPolicy: Always
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
              containers:
              - name: web
                image: webDIGEST
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
            """
                    .replace("DIGEST", DIGEST);

    private KubeServer kube;
    private String namespace;
    private final List<GenericKubernetesResource> made = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        kube = KubeServer.current();
        namespace = kube.newNamespace("guarded");
        kube.admin()
                .namespaces()
                .withName(namespace)
                .edit(found ->
                        new NamespaceBuilder(found)
                                .editMetadata()
                                .addToLabels("guarded", namespace)
                                .endMetadata()
                                .build());
        for (ObjectNode document : documents()) {
            GenericKubernetesResource one =
                    Serialization.unmarshal(document.toString(), GenericKubernetesResource.class);
            kube.admin().resource(one).create();
            made.add(one);
        }
        // Policies come into force some moments after they were written.
        for (String tagged : List.of("web:1", "web:2")) {
            await().atMost(Patience.OF_TESTS)
                    .until(() -> refusal(GOOD.replace("web" + DIGEST, tagged)).isPresent());
        }
    }

    @AfterEach
    void stop() {
        made.forEach(one -> kube.admin().resource(one).delete());
    }

    @Test
    void eachRuleRefusesItsOwnFaultAndNothingElse() {
        assertThatCode(() -> dryRun(GOOD)).doesNotThrowAnyException();
        assertRefused(
                GOOD.replace("web" + DIGEST, "web:1"),
                "container web: image by tag (expected: by digest");
        assertRefused(
                GOOD.replace("countersign/sidecar-agent" + DIGEST, "evil/agent" + DIGEST),
                "(expected: an image of countersign-guardrails)");
        assertRefused(
                GOOD.replace("name: countersign-agent", "name: other"),
                "no container countersign-agent (expected: one");
        assertRefused(
                GOOD.replace("labels: {app: web}", "labels: {countersign.dev/inject: \"false\"}"),
                "countersign.dev/inject is not \"true\"");
        assertRefused(
                GOOD.replace(
                        "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
                        "{allowPrivilegeEscalation: true, capabilities: {drop: [ALL]}}"),
                "securityContext (expected: runAsNonRoot");
        assertRefused(
                GOOD.replace("serviceAccountName: web", "hostPID: true\n  serviceAccountName: web"),
                "(expected: nothing of the node's)");
        assertRefused(
                GOOD.replace("serviceAccountName: web", "serviceAccountName: default"),
                "automountServiceAccountToken of service account default");
        assertThatCode(() ->
                        dryRun(
                                GOOD.replace(
                                        "serviceAccountName: web",
                                        "serviceAccountName: default\n"
                                                + "  automountServiceAccountToken: false")))
                .doesNotThrowAnyException();
    }

    @Test
    void whatWasInjectedIsNotWrittenAnew() {
        kube.admin().resource(pod(GOOD)).inNamespace(namespace).create();

        assertThat(
                        failure(() ->
                                kube.admin()
                                        .pods()
                                        .inNamespace(namespace)
                                        .withName("web")
                                        .edit(pod -> {
                                            pod.getMetadata()
                                                    .getAnnotations()
                                                    .put("countersign.dev/agent-config", "other");
                                            return pod;
                                        })))
                .hasValueSatisfying(message ->
                        assertThat(message).contains("changed (expected: as it was injected)"));
    }

    private void assertRefused(String yaml, String because) {
        assertThat(refusal(yaml))
                .hasValueSatisfying(message -> assertThat(message).contains(because));
    }

    private Optional<String> refusal(String yaml) {
        return failure(() -> dryRun(yaml));
    }

    private void dryRun(String yaml) {
        kube.admin().resource(pod(yaml)).inNamespace(namespace).dryRun().create();
    }

    private static Optional<String> failure(Runnable change) {
        try {
            change.run();
            return Optional.empty();
        } catch (KubernetesClientException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    private static GenericKubernetesResource pod(String yaml) {
        return Serialization.unmarshal(Pods.pod(yaml).toString(), GenericKubernetesResource.class);
    }

    /** As shipped, but with names of this test, and in force in its namespace alone. */
    private List<ObjectNode> documents() throws IOException {
        List<ObjectNode> documents = new ArrayList<>();
        YAMLMapper yaml = new YAMLMapper();
        try (MappingIterator<JsonNode> all =
                yaml.readerFor(JsonNode.class)
                        .readValues(
                                Files.readString(SHIPPED)
                                        .replace("countersign-system", namespace)
                                        .replace(
                                                ".guardrails.countersign.dev",
                                                "." + namespace + ".countersign.dev"))) {
            while (all.hasNextValue()) {
                ObjectNode document = (ObjectNode) all.nextValue();
                if (document.path("kind").asText().endsWith("Binding")) {
                    document.withObject("/spec")
                            .putObject("matchResources")
                            .putObject("namespaceSelector")
                            .putObject("matchLabels")
                            .put("guarded", namespace);
                }
                documents.add(document);
            }
        }
        return documents;
    }
}
