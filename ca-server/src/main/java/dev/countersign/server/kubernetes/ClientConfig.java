package dev.countersign.server.kubernetes;

import dev.countersign.server.kubernetes.KubernetesRefused.Reason;
import dev.countersign.server.kubernetes.KubernetesSettings.InCluster;
import dev.countersign.server.kubernetes.KubernetesSettings.Kubeconfig;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The client's own configuration: what was asked for, and nothing that it finds by itself. */
final class ClientConfig {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int REQUEST_MILLIS = 10_000;

    /** 0.25 + 0.5 + 1 s, or what Retry-After says: then the caller hears of it. */
    private static final int RETRIES = 3;

    private static final int RETRY_MILLIS = 250;
    private static final int WATCH_RETRY_MILLIS = 1_000;
    private static final int FOR_EVER = -1;

    private final Map<String, String> environment;
    private final Path account;

    /**
     * @param account folder of the pod's own service account
     */
    ClientConfig(Map<String, String> environment, Path account) {
        this.environment = environment;
        this.account = account;
    }

    Config of(KubernetesSettings settings) throws KubernetesRefused, IOException {
        Config reached =
                switch (settings.access()) {
                    case InCluster own -> inCluster();
                    case Kubeconfig file -> kubeconfig(file);
                };
        return new ConfigBuilder(reached)
                .withNamespace(settings.namespace().orElseGet(() -> orDefault(reached)))
                .withConnectionTimeout(CONNECT_MILLIS)
                .withRequestTimeout(REQUEST_MILLIS)
                .withRequestRetryBackoffLimit(RETRIES)
                .withRequestRetryBackoffInterval(RETRY_MILLIS)
                // Over WebSockets a watch that breaks off is only noticed after a request's time;
                // when one is open is told by Watches.
                .withOnlyHttpWatches(true)
                .withWatchReconnectInterval(WATCH_RETRY_MILLIS)
                .withWatchReconnectLimit(FOR_EVER)
                .withUserAgent("countersign-ca-server")
                .build();
    }

    private Config inCluster() throws KubernetesRefused, IOException {
        @Nullable String host = environment.get("KUBERNETES_SERVICE_HOST");
        Path token = account.resolve("token");
        if (host == null || !Files.isReadable(token)) {
            throw new KubernetesRefused(
                    Reason.KUBERNETES_NOT_CONFIGURED,
                    "kubernetes: no KUBERNETES_SERVICE_HOST or no "
                            + token
                            + " (expected: inside a pod, or kubernetes.kubeconfig)");
        }
        String shown = host.contains(":") ? "[" + host + "]" : host;
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        Config config = Config.empty();
        config.setMasterUrl("https://" + shown + ":" + port + "/");
        config.setCaCertFile(account.resolve("ca.crt").toString());
        // Read for each request: the kubelet replaces it, and a request is not where time goes.
        config.setOauthTokenProvider(() -> line(token));
        config.setNamespace(line(account.resolve("namespace")));
        return config;
    }

    private static Config kubeconfig(Kubeconfig from) throws KubernetesRefused, IOException {
        if (!Files.isReadable(from.file())) {
            throw new IOException(
                    "kubernetes.kubeconfig: " + from.file() + " (expected: a readable file)");
        }
        Config config =
                from.context().isPresent()
                        ? Config.fromKubeconfig(from.context().get(), from.file().toFile())
                        : Config.fromKubeconfig(from.file().toFile());
        boolean unknown =
                from.context().isPresent()
                        && (config.getCurrentContext() == null
                                || !from.context()
                                        .get()
                                        .equals(config.getCurrentContext().getName()));
        if (unknown) {
            throw new KubernetesRefused(
                    Reason.KUBERNETES_NOT_CONFIGURED,
                    "kubernetes.context: "
                            + from.context().get()
                            + " (expected: a context of "
                            + from.file()
                            + ")");
        }
        return config;
    }

    private static String orDefault(Config reached) {
        @Nullable String namespace = reached.getNamespace();
        return namespace == null || namespace.isEmpty()
                ? KubernetesSettings.DEFAULT_NAMESPACE
                : namespace;
    }

    private static String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
