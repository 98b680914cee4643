package dev.countersign.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.runtime.Health;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Gone;
import dev.countersign.server.attestation.kubernetes.ClusterPods.Known;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.testing.KubeProxy;
import dev.countersign.server.testing.KubeServer;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index in step with a real API server, through networks that fail. */
final class PodWatchTest {
    private final Health health = new Health();
    private final PodIndex index = new PodIndex();

    @TempDir private Path folder;

    private KubeServer kube;
    private KubePods pods;
    private KubeProxy proxy;
    private KubernetesConnection connection;

    @SuppressWarnings("NullAway.Init") // each test starts it at its own moment
    private PodWatch watch;

    @BeforeEach
    void start() throws Exception {
        kube = KubeServer.shared();
        pods = new KubePods(kube, kube.newNamespace("watch"));
        proxy = new KubeProxy(kube);
        Path kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(kubeconfig, kube.kubeconfigOf(proxy.url(), kube.adminToken()));
        connection =
                KubernetesConnection.open(
                        KubernetesSettings.of(
                                new KubernetesSettings.Kubeconfig(kubeconfig, Optional.empty()),
                                Optional.of(pods.namespace()),
                                true),
                        health,
                        new Random(1));
    }

    @AfterEach
    void stop() {
        if (watch != null) {
            watch.close();
        }
        if (connection != null) {
            connection.close();
            proxy.close();
        }
    }

    @Test
    void keepsOfAPodWhatIsNeeded() throws Exception {
        Pod pod = pods.create("web-0", "web", Map.of("app", "web"));
        pods.address(pod, "10.1.2.3", "fd00::3");
        follow();

        var known = index.byUid(uid(pod)).orElseThrow();

        assertThat(known.account()).isEqualTo(new ServiceAccountName(pods.namespace(), "web"));
        assertThat(known.accountUid())
                .contains(
                        kube.admin()
                                .serviceAccounts()
                                .inNamespace(pods.namespace())
                                .withName("web")
                                .get()
                                .getMetadata()
                                .getUid());
        assertThat(known.name()).isEqualTo("web-0");
        assertThat(known.node()).contains(KubePods.NODE);
        assertThat(known.labels()).containsExactly(Map.entry("app", "web"));
        assertThat(known.addresses())
                .containsExactlyInAnyOrder(
                        InetAddress.ofLiteral("10.1.2.3"), InetAddress.ofLiteral("fd00::3"));
        assertThat(known.deleting()).isFalse();
        assertThat(index.of(known.account())).containsExactly(known);
    }

    @Test
    void isNotReadyBeforeEverythingIsKnown() throws Exception {
        proxy.fault(line -> line.contains("/pods?") ? silence() : Optional.empty());
        watch = PodWatch.start(connection, index);

        watch.review(health);
        assertThat(index.isComplete()).isFalse();
        assertThat(health.ready()).isFalse();

        proxy.heal();
        proxy.cut();
        proxy.heal();
        await().until(watch::isSynced);
        watch.review(health);
        assertThat(index.isComplete()).isTrue();
        assertThat(health.ready()).isTrue();
    }

    @Test
    void blocksAPodWhenItsDeletionBegins() throws Exception {
        Pod pod = pods.create("web-0", "web", Map.of());
        follow();
        List<String> told = new CopyOnWriteArrayList<>();
        index.onChange(told::add);

        pods.beginDeletion(pod);
        await().until(() -> index.byUid(uid(pod)).orElseThrow().deleting());
        pods.delete(pod);

        await().untilAsserted(() -> assertThat(watch.standing(uid(pod))).isEqualTo(new Gone()));
        assertThat(told).contains(uid(pod));
    }

    @Test
    void hearsOfLabelsAsTheyChange() throws Exception {
        Pod pod = pods.create("web-0", "web", Map.of("version", "1"));
        follow();
        List<String> told = new CopyOnWriteArrayList<>();
        index.onChange(told::add);

        pods.labels(pod, Map.of("version", "2"));

        await().until(() -> told.contains(uid(pod)));
        assertThat(index.byUid(uid(pod)).orElseThrow().labels()).containsEntry("version", "2");
    }

    @Test
    void aReviewIsRememberedThroughUpdates() throws Exception {
        Pod pod = pods.create("web-0", "web", Map.of("version", "1"));
        follow();
        watch.reviewed(uid(pod));

        pods.labels(pod, Map.of("version", "2"));

        await().until(() -> index.byUid(uid(pod)).orElseThrow().labels().containsValue("2"));
        assertThat(watch.standing(uid(pod)))
                .isInstanceOfSatisfying(
                        Known.class, known -> assertThat(known.reviewed()).isTrue());
    }

    @Test
    void aWatchThatEndsIsResumed() throws Exception {
        Pod before = pods.create("web-0", "web", Map.of());
        follow();

        proxy.endWatches();
        Pod after = pods.create("web-1", "web", Map.of());

        await().until(() -> index.byUid(uid(after)).isPresent());
        assertThat(index.byUid(uid(before))).isPresent();
        await().until(watch::isLive);
    }

    @Test
    void whatHappenedWhileAwayIsCaughtUpWith() throws Exception {
        Pod deleted = pods.create("web-0", "web", Map.of());
        follow();
        proxy.cut();
        await().until(() -> !watch.isLive());
        watch.review(health);
        assertThat(health.ready()).isTrue();
        assertThat(health.states().get("pods")).isInstanceOf(Health.State.Degraded.class);

        pods.delete(deleted);
        Pod created = pods.create("web-1", "web", Map.of());
        proxy.heal();

        await().until(() -> index.byUid(uid(created)).isPresent());
        assertThat(watch.standing(uid(deleted))).isEqualTo(new Gone());
        await().until(watch::isLive);
        watch.review(health);
        assertThat(health.states().get("pods")).isEqualTo(new Health.State.Up());
    }

    @Test
    void aResourceVersionThatIsTooOldListsAgain() throws Exception {
        Pod deleted = pods.create("web-0", "web", Map.of());
        follow();
        // Long forgotten, so the API server itself says 410.
        proxy.fault(line ->
                line.contains("/pods?") && line.contains("watch=true")
                        ? Optional.of(
                                new KubeProxy.Instead("resourceVersion=\\d+", "resourceVersion=1"))
                        : Optional.empty());
        proxy.endWatches();
        await().until(() -> !watch.isLive());
        pods.delete(deleted);
        Pod created = pods.create("web-1", "web", Map.of());

        // A list alone brings both: no watch lives.
        await().until(() -> index.byUid(uid(created)).isPresent());
        await().untilAsserted(() -> assertThat(watch.standing(uid(deleted))).isEqualTo(new Gone()));
        proxy.heal();
        await().until(watch::isLive);
    }

    @Test
    void anAnswerThatADeletionHasOvertakenIsNotTaken() throws Exception {
        Pod pod = pods.create("web-0", "web", Map.of());
        follow();
        pods.delete(pod);
        await().until(() -> watch.standing(uid(pod)).equals(new Gone()));

        index.put(pod);

        assertThat(watch.standing(uid(pod))).isEqualTo(new Gone());
    }

    @Test
    void asksForAPodItself() throws Exception {
        proxy.fault(line -> line.contains("/api/v1/pods?") ? silence() : Optional.empty());
        watch = PodWatch.start(connection, index);
        Pod pod = pods.create("web-0", "web", Map.of());

        assertThat(watch.ask(pods.namespace(), "web-0").orElseThrow().uid()).contains(uid(pod));
        assertThat(watch.ask(pods.namespace(), "web-1")).isEmpty();
        assertThat(watch.standing(uid(pod))).isInstanceOf(Known.class);
    }

    private void follow() {
        watch = PodWatch.start(connection, index);
        await().until(watch::isLive);
    }

    private static Optional<KubeProxy.Fault> silence() {
        return Optional.of(new KubeProxy.Silence());
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }
}
