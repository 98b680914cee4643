package dev.countersign.server.kubernetes.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.testing.KubeConnections;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.testing.TestAuthority;
import dev.countersign.wire.Pem;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ConfigMap in every namespace of a real API server, under a name of the test's own. */
final class TrustPublisherTest {
    private static final TrustText FIRST = new TrustText("mesh.example", "{\"epoch\":1}", "PEM 1");
    private static final TrustText SECOND = new TrustText("mesh.example", "{\"epoch\":2}", "PEM 2");

    private final AtomicReference<TrustText> trust = new AtomicReference<>(FIRST);
    private final AtomicBoolean leads = new AtomicBoolean(true);

    private KubeServer kube;
    private KubernetesConnection connection;
    private String name;
    private TrustPublisher publisher;

    @BeforeEach
    void start() throws Exception {
        kube = KubeServer.shared();
        start(kube);
    }

    @AfterEach
    void stop() {
        if (publisher != null) {
            publisher.close();
            connection.close();
        }
    }

    @Test
    void everyNamespaceHasIt() {
        await().until(() -> published("default", FIRST));
        assertThat(published(connection.namespace(), FIRST)).isTrue();

        String created = kube.newNamespace("trust-later");

        await().until(() -> published(created, FIRST));
    }

    @Test
    void followsTheBundle() {
        await().until(() -> published(connection.namespace(), FIRST));

        trust.set(SECOND);

        await().until(() -> published(connection.namespace(), SECOND));
    }

    @Test
    void whatIsChangedOrDeletedIsPutRight() {
        await().until(() -> published(connection.namespace(), FIRST));

        connection
                .client()
                .resource(
                        new ConfigMapBuilder(map(connection.namespace()))
                                .withData(Map.of("bootstrap.json", "forged"))
                                .build())
                .update();
        await().until(() -> published(connection.namespace(), FIRST));
        connection.client().resource(map(connection.namespace())).delete();

        await().until(() -> published(connection.namespace(), FIRST));
    }

    @Test
    void anothersIsLeftAloneAndSaid() {
        String theirs = kube.newNamespace("trust-theirs");
        publisher.close();
        connection
                .client()
                .resource(
                        new ConfigMapBuilder()
                                .withNewMetadata()
                                .withNamespace(theirs)
                                .withName(name + "-2")
                                .endMetadata()
                                .withData(Map.of("bootstrap.json", "theirs"))
                                .build())
                .create();
        name = name + "-2";
        publisher = TrustPublisher.start(connection, name, trust::get, leads::get);

        await().until(() -> published(connection.namespace(), FIRST));

        assertThat(map(theirs))
                .extracting(ConfigMap::getData)
                .isEqualTo(Map.of("bootstrap.json", "theirs"));
        assertThat(publisher.problem())
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains(theirs).contains("is another's"));
    }

    @Test
    void whoDoesNotLeadPublishesNothing() {
        await().until(() -> published(connection.namespace(), FIRST));
        leads.set(false);
        trust.set(SECOND);

        for (int i = 0; i < 5; i++) {
            publisher.maintain();
        }

        assertThat(published(connection.namespace(), FIRST)).isTrue();
    }

    @Test
    void aCurrentApiServerGetsAClusterTrustBundleToo() throws Exception {
        KubeServer current = KubeServer.current();
        stop();
        // It looks into the certificates.
        byte[] root =
                TestAuthority.create("mesh.example", InstantSource.system(), 5)
                        .root()
                        .certificate()
                        .getEncoded();
        TrustText real = new TrustText("mesh.example", "{}", Pem.encode("CERTIFICATE", root));
        trust.set(real);
        start(current);

        await().until(() -> published("default", real));

        await().untilAsserted(() -> {
            GenericKubernetesResource bundle =
                    connection
                            .client()
                            .genericKubernetesResources(
                                    "certificates.k8s.io/v1beta1", "ClusterTrustBundle")
                            .withName("countersign.dev:mesh:mesh.example")
                            .get();
            assertThat(bundle).isNotNull();
            assertThat(bundle.getAdditionalProperties())
                    .containsEntry(
                            "spec",
                            Map.of(
                                    "signerName",
                                    "countersign.dev/mesh",
                                    "trustBundle",
                                    real.roots()));
        });
    }

    private void start(KubeServer server) throws Exception {
        String namespace = server.newNamespace("trust");
        name = "test-" + namespace;
        connection = KubeConnections.admin(server, namespace);
        publisher = TrustPublisher.start(connection, name, trust::get, leads::get);
    }

    private boolean published(String namespace, TrustText text) {
        publisher.maintain();
        ConfigMap map = map(namespace);
        return map != null
                && map.getData()
                        .equals(
                                Map.of(
                                        "bootstrap.json",
                                        text.bootstrap(),
                                        "roots.pem",
                                        text.roots()));
    }

    private @Nullable ConfigMap map(String namespace) {
        return connection.client().configMaps().inNamespace(namespace).withName(name).get();
    }
}
