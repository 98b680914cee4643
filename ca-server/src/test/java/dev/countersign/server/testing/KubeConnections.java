package dev.countersign.server.testing;

import dev.countersign.runtime.Health;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.KubernetesSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;

/** Connections of the product's own kind to a test's API server. */
public final class KubeConnections {
    private KubeConnections() {}

    /** As administrator, working in this namespace. */
    public static KubernetesConnection admin(KubeServer server, String namespace) throws Exception {
        return KubernetesConnection.open(server.settings(namespace), new Health(), new Random(1));
    }

    /** With a token, at this address: the server's own or a proxy's. */
    public static KubernetesConnection with(
            Path folder, KubeServer server, String url, String token, String namespace)
            throws Exception {
        Path kubeconfig = Files.createTempFile(folder, "kube", "config");
        Files.writeString(kubeconfig, server.kubeconfigOf(url, token));
        return KubernetesConnection.open(
                KubernetesSettings.of(
                        new KubernetesSettings.Kubeconfig(kubeconfig, Optional.empty()),
                        Optional.of(namespace),
                        true),
                new Health(),
                new Random(1));
    }
}
