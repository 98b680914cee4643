package dev.countersign.server.kubernetes;

import dev.countersign.runtime.Backoff;
import dev.countersign.runtime.Health;
import dev.countersign.server.kubernetes.KubernetesRefused.Reason;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.VersionInfo;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection to the API server that all of this process share, and what it says about itself
 * in health. Thread-safe.
 */
public final class KubernetesConnection implements AutoCloseable {
    /** Of the part in health. */
    public static final String PART = "kubernetes";

    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(KubernetesConnection.class);

    private final KubernetesClient client;
    private final ExecutorService tasks;
    private final Throttle throttle;
    private final Watches watches;
    private final Questions questions;
    private final Health health;
    private final KubernetesVersion version;

    private KubernetesConnection(
            KubernetesClient client,
            ExecutorService tasks,
            Throttle throttle,
            Watches watches,
            Health health,
            KubernetesVersion version) {
        this.client = client;
        this.tasks = tasks;
        this.throttle = throttle;
        this.watches = watches;
        this.questions = new Questions(client, tasks, throttle, System::nanoTime);
        this.health = health;
        this.version = version;
    }

    /**
     * Connects, and waits for as long as the API server is only away; health says so meanwhile.
     *
     * @throws KubernetesRefused when waiting would not help
     * @throws IOException when the settings name a file that cannot be read
     */
    public static KubernetesConnection open(
            KubernetesSettings settings, Health health, RandomGenerator random)
            throws KubernetesRefused, IOException, InterruptedException {
        Config config = new ClientConfig(System.getenv(), ACCOUNT).of(settings);
        ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
        Throttle throttle = new Throttle(System::nanoTime);
        Watches watches = new Watches();
        KubernetesClient client = client(config, tasks, throttle, watches);
        try {
            KubernetesVersion version = await(client, health, random);
            checkVersion(version, settings.allowOldKubernetes());
            LOG.atInfo()
                    .addKeyValue("server", config.getMasterUrl())
                    .addKeyValue("version", version)
                    .addKeyValue("namespace", config.getNamespace())
                    .log("connected to the API server");
            health.up(PART);
            return new KubernetesConnection(client, tasks, throttle, watches, health, version);
        } catch (KubernetesRefused | InterruptedException | RuntimeException failed) {
            client.close();
            tasks.close();
            throw failed;
        }
    }

    /** For everybody; its namespace is {@link #namespace}. Nobody but this closes it. */
    public KubernetesClient client() {
        return client;
    }

    /** Where Countersign is installed. */
    public String namespace() {
        return client.getConfiguration().getNamespace();
    }

    public KubernetesVersion version() {
        return version;
    }

    /** How long the API server still wants to be left alone; zero when it does not. */
    public Duration throttled() {
        return throttle.left();
    }

    /** Whether a watch of this resource is open. */
    boolean isWatched(String resource) {
        return watches.isOpen(resource);
    }

    /** Why the watch of this resource does not begin; empty when it does. */
    Optional<String> watchFailure(String resource) {
        return watches.failure(resource);
    }

    /**
     * Asks something that somebody waits for.
     *
     * @param limit of all of it, repetitions included
     * @param what for messages: verb and resource, as RBAC names them
     * @throws ApiUnanswered also at once, while the API server is known not to answer
     */
    public <T extends @Nullable Object> T ask(
            Duration limit, String what, Function<KubernetesClient, T> call) throws ApiUnanswered {
        return questions.ask(limit, what, call);
    }

    /**
     * Asks whether it is there, and tells health: away is degraded and not down, because what is
     * known goes on being served. Call it every few seconds, on a thread that may wait.
     */
    public void review() {
        try {
            @Nullable VersionInfo found = client.getKubernetesVersion();
            if (found == null) {
                health.degraded(PART, "API server: no version");
            } else {
                health.up(PART);
            }
        } catch (KubernetesClientException away) {
            health.degraded(PART, "API server: " + ApiFailure.describe(away));
        }
    }

    @Override
    public void close() {
        client.close();
        tasks.shutdownNow();
    }

    private static KubernetesClient client(
            Config config, ExecutorService tasks, Throttle throttle, Watches watches) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(builder ->
                        builder.addOrReplaceInterceptor("throttle", throttle)
                                .addOrReplaceInterceptor("watches", watches))
                .withTaskExecutor(tasks)
                .build();
    }

    private static KubernetesVersion await(
            KubernetesClient client, Health health, RandomGenerator random)
            throws KubernetesRefused, InterruptedException {
        Backoff backoff = new Backoff(SHORTEST_WAIT, LONGEST_WAIT, random);
        while (true) {
            try {
                return version(client.getKubernetesVersion());
            } catch (KubernetesClientException failure) {
                String shown = ApiFailure.describe(failure);
                if (!ApiFailure.of(failure).isTransient()) {
                    throw new KubernetesRefused(
                            Reason.KUBERNETES_UNAUTHENTICATED, "API server: " + shown);
                }
                health.down(PART, "API server: " + shown);
                LOG.atWarn()
                        .addKeyValue("reason", shown)
                        .log("cannot start without the API server, trying again");
                Thread.sleep(backoff.next());
            }
        }
    }

    private static KubernetesVersion version(@Nullable VersionInfo found) throws KubernetesRefused {
        try {
            String text = found == null ? null : found.getGitVersion();
            return KubernetesVersion.parse(text == null ? "none" : text);
        } catch (IllegalArgumentException odd) {
            throw new KubernetesRefused(
                    Reason.KUBERNETES_MALFORMED, String.valueOf(odd.getMessage()));
        }
    }

    private static void checkVersion(KubernetesVersion version, boolean allowOld)
            throws KubernetesRefused {
        if (version.isSupported()) {
            return;
        }
        if (!allowOld) {
            throw new KubernetesRefused(
                    Reason.KUBERNETES_TOO_OLD,
                    "Kubernetes: "
                            + version
                            + " (expected: >= "
                            + KubernetesVersion.OLDEST
                            + ", or kubernetes.allowOldKubernetes)");
        }
        LOG.atWarn()
                .addKeyValue("version", version)
                .addKeyValue("expected", ">= " + KubernetesVersion.OLDEST)
                .log(
                        "this Kubernetes is not supported: kubernetes.allowOldKubernetes lets it pass");
    }
}
