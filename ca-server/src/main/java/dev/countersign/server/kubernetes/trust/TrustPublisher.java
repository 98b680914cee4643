package dev.countersign.server.kubernetes.trust;

import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.Following;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a ConfigMap of the same name and content in every namespace, so that a pod finds there whom
 * to believe: made where it is missing, put right where it was changed, replaced when the trust
 * bundle is. One replica does it. It holds no secret; whoever can change it in a namespace decides
 * whom that namespace's new pods believe at first, so only this server should.
 */
public final class TrustPublisher implements AutoCloseable {
    /** The bootstrap file of agents. */
    public static final String BOOTSTRAP = "bootstrap.json";

    /** The roots alone, for everybody else. */
    public static final String ROOTS = "roots.pem";

    /** Says whose it is, by the install namespace: two installations do not fight over one. */
    static final String INSTALL = "countersign.dev/install";

    private static final String MANAGER = "countersign-trust";
    private static final PatchContext APPLY =
            new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(MANAGER)
                    .withForce(true)
                    .build();
    private static final Logger LOG = LoggerFactory.getLogger(TrustPublisher.class);

    private final KubernetesConnection connection;
    private final String name;
    private final Supplier<TrustText> trust;
    private final BooleanSupplier leads;
    private final ClusterBundle clusterBundle;
    private final Published published = new Published();
    private final Following<?> namespaces;
    private final Following<?> maps;
    private volatile @Nullable String failure;

    private TrustPublisher(
            KubernetesConnection connection,
            String name,
            Supplier<TrustText> trust,
            BooleanSupplier leads) {
        this.connection = connection;
        this.name = name;
        this.trust = trust;
        this.leads = leads;
        this.clusterBundle = ClusterBundle.of(connection);
        this.namespaces =
                Following.start(
                        connection,
                        "namespaces",
                        connection.client().namespaces().withLimit(Following.PAGE),
                        new NamespaceStore(published));
        this.maps =
                Following.start(
                        connection,
                        "configmaps",
                        connection
                                .client()
                                .configMaps()
                                .inAnyNamespace()
                                .withField("metadata.name", name)
                                .withLimit(Following.PAGE),
                        new TrustMapStore(published, connection.namespace()));
    }

    /**
     * Begins to look; {@link #maintain} publishes.
     *
     * @param name of the ConfigMaps
     * @param trust what is believed now
     * @param leads whether this replica is to do it
     */
    public static TrustPublisher start(
            KubernetesConnection connection,
            String name,
            Supplier<TrustText> trust,
            BooleanSupplier leads) {
        return new TrustPublisher(connection, name, trust, leads);
    }

    /** Puts right what is not; call it about once a second, on a thread that may wait. */
    public synchronized void maintain() {
        if (!namespaces.isSynced() || !maps.isSynced() || !leads.getAsBoolean()) {
            return;
        }
        TrustText now = trust.get();
        Map<String, String> data = data(now);
        for (String namespace : published.stale(data)) {
            if (!leads.getAsBoolean() || !publish(namespace, data)) {
                return;
            }
        }
        clusterBundle.publish(now);
    }

    /** Whether changes by others are heard of. */
    public boolean isLive() {
        return namespaces.isLive() && maps.isLive();
    }

    /** Whether this namespace is known to have what is believed now. */
    public boolean hasPublished(String namespace) {
        return published.has(namespace, data(trust.get()));
    }

    /** Why it is not everywhere, as far as this replica sees; for health. */
    public Optional<String> problem() {
        if (!namespaces.isLive()) {
            return Optional.of(namespaces.describe());
        }
        if (!maps.isLive()) {
            return Optional.of(maps.describe());
        }
        return Optional.ofNullable(failure)
                .or(() ->
                        published
                                .ofOthers()
                                .map(namespace ->
                                        "ConfigMap "
                                                + namespace
                                                + "/"
                                                + name
                                                + " is another's (expected: label "
                                                + INSTALL
                                                + ": "
                                                + connection.namespace()
                                                + ")"));
    }

    @Override
    public void close() {
        namespaces.close();
        maps.close();
    }

    private static Map<String, String> data(TrustText text) {
        return Map.of(BOOTSTRAP, text.bootstrap(), ROOTS, text.roots());
    }

    /** @return whether to go on with others */
    private boolean publish(String namespace, Map<String, String> data) {
        ConfigMap map =
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withLabels(
                                Map.of(
                                        "app.kubernetes.io/managed-by",
                                        "countersign",
                                        INSTALL,
                                        connection.namespace()))
                        .endMetadata()
                        .withData(data)
                        .build();
        try {
            connection.client().resource(map).patch(APPLY);
            published.applied(namespace, data);
            failure = null;
            return true;
        } catch (KubernetesClientException refused) {
            String why = ApiFailure.describe(refused);
            failure = namespace + ": " + why;
            LOG.atWarn()
                    .addKeyValue("namespace", namespace)
                    .addKeyValue("reason", why)
                    .log("trust bundle not published");
            return !ApiFailure.of(refused).isTransient();
        }
    }
}
