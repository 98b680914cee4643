package dev.countersign.server.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.runtime.Health;
import dev.countersign.server.testing.KubeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shared connection against a real API server. */
final class KubernetesConnectionTest {
    private final Health health = new Health();

    @TempDir private Path folder;

    @Test
    void connectsAsTheKubeconfigSays() throws Exception {
        KubeServer kube = KubeServer.shared();

        try (KubernetesConnection connection =
                KubernetesConnection.open(kube.settings("mesh"), health, new Random(1))) {
            connection.review();

            assertThat(connection.namespace()).isEqualTo("mesh");
            assertThat(connection.client().namespaces().withName("default").get()).isNotNull();
            assertThat(health.states().get("kubernetes")).isEqualTo(new Health.State.Up());
        }
    }

    @Test
    void anOldApiServerIsRefusedByName() {
        KubeServer kube = KubeServer.shared();
        KubernetesSettings strict =
                KubernetesSettings.of(
                        new KubernetesSettings.Kubeconfig(kube.kubeconfig(), Optional.empty()),
                        Optional.empty(),
                        false);

        assertThatThrownBy(() -> KubernetesConnection.open(strict, health, new Random(1)).close())
                .isInstanceOf(KubernetesRefused.class)
                .hasMessage(
                        "Kubernetes: 1.20 (expected: >= 1.29, or kubernetes.allowOldKubernetes)")
                .extracting(e -> ((KubernetesRefused) e).reason())
                .isEqualTo(KubernetesRefused.Reason.KUBERNETES_TOO_OLD);
    }

    @Test
    void aCurrentApiServerNeedsNoAllowance() throws Exception {
        KubeServer kube = KubeServer.current();
        KubernetesSettings strict =
                KubernetesSettings.of(
                        new KubernetesSettings.Kubeconfig(kube.kubeconfig(), Optional.empty()),
                        Optional.empty(),
                        false);

        try (KubernetesConnection connection =
                KubernetesConnection.open(strict, health, new Random(1))) {
            assertThat(connection.version().isSupported()).isTrue();
        }
    }

    @Test
    void aStrangerIsRefusedAtOnce() throws Exception {
        KubeServer kube = KubeServer.shared();
        Path file = folder.resolve("stranger.kubeconfig");
        Files.writeString(file, kube.kubeconfigOf(kube.url(), "not-a-token"));

        assertThatThrownBy(() -> KubernetesConnection.open(of(file), health, new Random(1)))
                .isInstanceOf(KubernetesRefused.class)
                .hasMessageContaining("status 401");
    }

    @Test
    void aContextThatDoesNotExistIsNamed() throws Exception {
        Path file = folder.resolve("kubeconfig");
        Files.writeString(
                file,
                """
                {"apiVersion":"v1","kind":"Config","clusters":[],"users":[],
                 "contexts":[{"name":"one","context":{"cluster":"c","user":"u"}}]}
                """);
        KubernetesSettings settings =
                KubernetesSettings.of(
                        new KubernetesSettings.Kubeconfig(file, Optional.of("two")),
                        Optional.empty(),
                        true);

        assertThatThrownBy(() -> KubernetesConnection.open(settings, health, new Random(1)))
                .isInstanceOf(KubernetesRefused.class)
                .hasMessageContaining("kubernetes.context: two");
    }

    @Test
    void outsideOfAPodAKubeconfigIsAskedFor() {
        ClientConfig config = new ClientConfig(Map.of(), folder);

        assertThatThrownBy(() ->
                        config.of(
                                KubernetesSettings.of(
                                        new KubernetesSettings.InCluster(),
                                        Optional.empty(),
                                        false)))
                .isInstanceOf(KubernetesRefused.class)
                .hasMessageContaining("expected: inside a pod, or kubernetes.kubeconfig");
    }

    @Test
    void aPodUsesItsOwnServiceAccount() throws Exception {
        Files.writeString(folder.resolve("token"), "first\n");
        Files.writeString(folder.resolve("namespace"), "mesh");
        Files.writeString(folder.resolve("ca.crt"), "");
        Map<String, String> pod =
                Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443");

        var config =
                new ClientConfig(pod, folder)
                        .of(
                                KubernetesSettings.of(
                                        new KubernetesSettings.InCluster(),
                                        Optional.empty(),
                                        false));

        assertThat(config.getMasterUrl()).isEqualTo("https://[fd00::1]:6443/");
        assertThat(config.getNamespace()).isEqualTo("mesh");
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("first");
        Files.writeString(folder.resolve("token"), "second\n");
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("second");
    }

    private static KubernetesSettings of(Path kubeconfig) {
        return KubernetesSettings.of(
                new KubernetesSettings.Kubeconfig(kubeconfig, Optional.empty()),
                Optional.empty(),
                true);
    }
}
