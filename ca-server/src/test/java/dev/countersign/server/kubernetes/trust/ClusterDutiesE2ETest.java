package dev.countersign.server.kubernetes.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.wire.v1.BeginRotationRequest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole server that keeps its keys, its lead and its trust bundle in a real cluster. */
final class ClusterDutiesE2ETest {
    private static final String ROOT = "-----BEGIN CERTIFICATE-----";

    @TempDir private Path folder;

    @Test
    void keysLeadAndTrustBundleAreInTheCluster() throws Exception {
        KubeServer kube = KubeServer.shared();
        String namespace = kube.newNamespace("duties");
        KubernetesClient client = kube.admin();
        String trust = "trust-" + namespace;
        String[] settings = {
            "keys: {store: kubernetes-secret, passphraseFile: passphrase, scryptN: 16384}",
            "attestation: {}",
            "kubernetes: {kubeconfig: "
                    + kube.kubeconfig()
                    + ", namespace: "
                    + namespace
                    + ", trustConfigMap: "
                    + trust
                    + ", allowOldKubernetes: true}"
        };

        try (RunningServer server = RunningServer.start(folder, InstantSource.system(), settings)) {
            ConfigMap first =
                    await().until(() -> trust(client, namespace, trust), Objects::nonNull);
            assertThat(first.getData())
                    .containsEntry("bootstrap.json", Files.readString(server.bootstrapFile()));
            assertThat(client.secrets().inNamespace(namespace).list().getItems())
                    .isNotEmpty()
                    .allSatisfy(secret ->
                            assertThat(secret.getType()).isEqualTo("countersign.dev/sealed-key"));
            assertThat(folder.resolve("data/keys")).doesNotExist();
            assertThat(
                            client.leases()
                                    .inNamespace(namespace)
                                    .withName("countersign-ca-server")
                                    .get()
                                    .getSpec()
                                    .getHolderIdentity())
                    .isNotEmpty();

            server.admin().beginRotation(BeginRotationRequest.getDefaultInstance());

            await().until(() -> roots(trust(client, namespace, trust)) == 2);
        }

        // A later process finds its keys again, and the lead was given back.
        try (RunningServer again = RunningServer.start(folder, InstantSource.system(), settings)) {
            assertThat(again.bundles().current().roots()).hasSizeGreaterThanOrEqualTo(1);
            await().until(() ->
                    !client.leases()
                            .inNamespace(namespace)
                            .withName("countersign-ca-server")
                            .get()
                            .getSpec()
                            .getHolderIdentity()
                            .isEmpty());
        }
    }

    private static int roots(@Nullable ConfigMap map) {
        return map == null
                ? 0
                : map.getData().getOrDefault("roots.pem", "").split(ROOT, -1).length - 1;
    }

    private static @Nullable ConfigMap trust(
            KubernetesClient client, String namespace, String name) {
        return client.configMaps().inNamespace(namespace).withName(name).get();
    }
}
