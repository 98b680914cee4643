package dev.countersign.server.kubernetes.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.testing.Patience;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real API server calls a whole server, by the certificate that it issued to itself. */
final class WebhooksE2ETest {
    @TempDir private Path folder;

    private KubeServer kube;
    private String namespace;
    private RunningServer server;

    @BeforeEach
    void start() throws Exception {
        kube = KubeServer.shared();
        namespace = kube.newNamespace("injected");
        kube.admin()
                .namespaces()
                .withName(namespace)
                .edit(found ->
                        new NamespaceBuilder(found)
                                .editMetadata()
                                .addToLabels("injected-by", namespace)
                                .endMetadata()
                                .build());
        server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "kubernetes: {kubeconfig: %s, namespace: %s, allowOldKubernetes: true}"
                                .formatted(kube.kubeconfig(), namespace),
                        "admission: {listen: '127.0.0.1:0', dnsNames: [localhost], mutating: %s,"
                                        .formatted(namespace)
                                + " validating: ''}",
                        "injection: {image: 'agent:1', caAddress: 'ca:8443'}");
        kube.admin().resource(configuration()).create();
        await().atMost(Patience.OF_TESTS).until(() -> caBundle().isPresent());
    }

    @AfterEach
    void stop() {
        if (server != null) {
            kube.admin()
                    .admissionRegistration()
                    .v1()
                    .mutatingWebhookConfigurations()
                    .withName(namespace)
                    .delete();
            server.close();
        }
    }

    @Test
    void aPodIsInjectedAsItIsCreated() {
        Pod created = kube.admin().resource(pod("web", false)).create();

        assertThat(created.getMetadata().getAnnotations())
                .containsKeys("countersign.dev/injected", "countersign.dev/agent-config");
        // An API server without native sidecars has an ordinary one: it would drop what makes it
        // one.
        assertThat(created.getSpec().getContainers())
                .extracting(Container::getName)
                .containsExactly("web", "countersign-agent");
        assertThat(created.getSpec().getInitContainers())
                .extracting(Container::getName)
                .containsExactly("countersign-redirect");
    }

    @Test
    void theHostsNetworkIsRefusedInWords() {
        assertThatThrownBy(() -> kube.admin().resource(pod("node", true)).create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.hostNetwork: true (expected: false")
                .hasMessageContaining("[HOST_NETWORK]");
    }

    @Test
    void aDryRunIsAnsweredAndLeavesNothing() {
        Pod dry = kube.admin().resource(pod("dry", false)).dryRun().create();

        assertThat(dry.getMetadata().getAnnotations()).containsKey("countersign.dev/injected");
        assertThat(kube.admin().pods().inNamespace(namespace).withName("dry").get()).isNull();
    }

    @Test
    void whatOthersWriteIntoTheCaBundleIsPutRight() {
        kube.admin()
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(namespace)
                .edit(found ->
                        new MutatingWebhookConfigurationBuilder(found)
                                .editFirstWebhook()
                                .editClientConfig()
                                .withCaBundle(null)
                                .endClientConfig()
                                .endWebhook()
                                .build());

        await().atMost(Patience.OF_TESTS).until(() -> caBundle().isPresent());
        assertThat(caBundle().orElseThrow()).startsWith("-----BEGIN CERTIFICATE-----");
    }

    private Optional<String> caBundle() {
        return Optional.ofNullable(
                        kube.admin()
                                .admissionRegistration()
                                .v1()
                                .mutatingWebhookConfigurations()
                                .withName(namespace)
                                .get()
                                .getWebhooks()
                                .getFirst()
                                .getClientConfig()
                                .getCaBundle())
                .map(text ->
                        new String(Base64.getDecoder().decode(text), StandardCharsets.US_ASCII));
    }

    private MutatingWebhookConfiguration configuration() {
        return new MutatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .addNewWebhook()
                .withName("namespace.injection.countersign.dev")
                .withNewClientConfig()
                .withUrl(
                        "https://localhost:"
                                + server.server().admissionPort().orElseThrow()
                                + "/inject/wanted")
                .endClientConfig()
                .addNewRule()
                .withOperations("CREATE")
                .withApiGroups("")
                .withApiVersions("v1")
                .withResources("pods")
                .endRule()
                .withNewNamespaceSelector()
                .withMatchLabels(Map.of("injected-by", namespace))
                .endNamespaceSelector()
                .withAdmissionReviewVersions("v1")
                .withSideEffects("None")
                .withFailurePolicy("Fail")
                .endWebhook()
                .build();
    }

    private Pod pod(String name, boolean hostNetwork) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName("web")
                .withHostNetwork(hostNetwork)
                .withContainers(List.of(container()))
                .endSpec()
                .build();
    }

    private static Container container() {
        Container container = new Container();
        container.setName("web");
        container.setImage("web:1");
        return container;
    }
}
