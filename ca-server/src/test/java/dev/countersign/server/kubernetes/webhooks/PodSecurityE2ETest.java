package dev.countersign.server.kubernetes.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.injection.Injection;
import dev.countersign.server.admission.injection.InjectionRefused;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.injection.Pods;
import dev.countersign.server.testing.KubeServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a current API server says of injected pods. */
final class PodSecurityE2ETest {
    private static final String SAFE =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              serviceAccountName: web
              automountServiceAccountToken: false
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
              containers:
              - name: web
                image: web:1
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
            """;

    private KubeServer kube;
    private String namespace;

    @BeforeEach
    void start() {
        kube = KubeServer.current();
        namespace = kube.newNamespace("restricted");
        kube.admin()
                .namespaces()
                .withName(namespace)
                .edit(found ->
                        new NamespaceBuilder(found)
                                .editMetadata()
                                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                                .endMetadata()
                                .build());
    }

    @Test
    void anInjectedPodInExplicitModePassesTheRestrictedStandard() throws Exception {
        Pod created =
                create(
                        Pods.annotated(
                                SAFE,
                                "countersign.dev/mode",
                                "explicit",
                                "countersign.dev/inbound",
                                "15006:8080/http"));

        assertThat(created.getSpec().getInitContainers())
                .singleElement()
                .satisfies(agent -> {
                    assertThat(agent.getName()).isEqualTo("countersign-agent");
                    assertThat(agent.getRestartPolicy()).isEqualTo("Always");
                });
    }

    @Test
    void redirectModeNeedsMoreThanTheRestrictedStandardGives() {
        assertThatThrownBy(() -> create(Pods.pod(SAFE)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"")
                .hasMessageContaining("countersign-redirect")
                .hasMessageNotContaining("countersign-agent");
    }

    private Pod create(ObjectNode pod) throws InjectionRefused {
        Injection injection = new Injector(Pods.settings()).inject(pod, Pods.WANTED);
        return kube.admin()
                .pods()
                .inNamespace(namespace)
                .load(
                        new ByteArrayInputStream(
                                ((Injection.Injected) injection)
                                        .pod()
                                        .toString()
                                        .getBytes(StandardCharsets.UTF_8)))
                .create();
    }
}
