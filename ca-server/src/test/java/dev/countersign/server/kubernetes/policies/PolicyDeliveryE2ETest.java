package dev.countersign.server.kubernetes.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.feed.Snapshot;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.Resources;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.Patience;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.SubscribeRequest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** From an applied policy to the agents that enforce it, and back to the policy's status. */
final class PolicyDeliveryE2ETest {
    private static final ResourceKind AUTHORIZATION = ResourceKind.AUTHORIZATION_POLICY;

    @TempDir private Path folder;

    /** Of its own: others write status too. */
    private static KubeServer kube;

    private KubePods pods;
    private RunningServer server;

    @BeforeAll
    static void startCluster() throws Exception {
        kube = KubeServer.own();
        Resources.install(kube.admin());
    }

    @AfterAll
    static void stopCluster() {
        if (kube != null) {
            kube.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        pods = new KubePods(kube, kube.newNamespace("delivery"));
        server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "attestation: {}",
                        "policies: {istio: false}",
                        "kubernetes: {kubeconfig: "
                                + kube.kubeconfig()
                                + ", namespace: "
                                + kube.newNamespace("root")
                                + ", allowOldKubernetes: true}");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void anAppliedPolicyReachesThoseItSelectsAndItsStatusSaysWhoEnforcesIt() throws Exception {
        Svid web = first(pods.create("web-0", "web", Map.of("app", "web")));
        AgentStream stream = AgentStream.open(server.connect(web)).send(AgentStream.hello());
        Snapshot held = stream.snapshot(server, web);

        apply("for-web", "{selector: {matchLabels: {app: web}}}");
        held = until(stream, held, "for-web");
        awaitEnforced("for-web", "0 of 1 agents");
        assertThat(condition("for-web", "Enforced"))
                .startsWith("False AgentsLag")
                .contains(pods.namespace() + "/web-0");
        acknowledge(stream, held);

        awaitEnforced("for-web", "1 of 1 agents");
        assertThat(condition("for-web", "Accepted")).startsWith("True Accepted");
        assertThat(condition("for-web", "Enforced")).startsWith("True AllAgents");
    }

    @Test
    void aLabelThatChangesChangesWhatAPodGets() throws Exception {
        Pod pod = pods.create("cart-0", "cart", Map.of("app", "cart"));
        Svid cart = first(pod);
        apply("for-cart", "{selector: {matchLabels: {app: cart}}}");
        apply("for-pay", "{selector: {matchLabels: {app: pay}}}");
        AgentStream stream = AgentStream.open(server.connect(cart)).send(AgentStream.hello());
        Snapshot held = until(stream, stream.snapshot(server, cart), "for-cart");
        assertThat(names(held)).doesNotContain("for-pay");

        pods.labels(pod, Map.of("app", "pay"));
        held = until(stream, held, "for-pay");

        assertThat(names(held)).doesNotContain("for-cart");
        assertThat(held.subscriber().labels()).containsEntry("app", "pay");
    }

    /** Prints what it measured: nothing is asserted about a clock. */
    @Test
    @EnabledIfSystemProperty(named = "countersign.full", matches = "true")
    void measuresFromAppliedToAcknowledged() throws Exception {
        Svid web = first(pods.create("web-0", "web", Map.of("app", "web")));
        AgentStream stream = AgentStream.open(server.connect(web)).send(AgentStream.hello());
        Snapshot held = stream.snapshot(server, web);
        long[] micros = new long[200];
        for (int i = 0; i < micros.length; i++) {
            String path = "/" + i;
            long began = System.nanoTime();
            apply("timed", "{rules: [{to: [{operation: {paths: [" + path + "]}}]}]}");
            while (!holds(held, path)) {
                held = stream.delta(server, held);
            }
            acknowledge(stream, held);
            micros[i] = (System.nanoTime() - began) / 1000;
        }
        Arrays.sort(micros);
        System.out.printf(
                "applied to acknowledged, %d times: p50 %d ms, p99 %d ms, most %d ms%n",
                micros.length,
                micros[micros.length / 2] / 1000,
                micros[micros.length * 99 / 100] / 1000,
                micros[micros.length - 1] / 1000);
        assertThat(holds(held, "/199")).isTrue();
    }

    private static boolean holds(Snapshot snapshot, String path) {
        return snapshot.policies().stream()
                .filter(one -> one.name().equals("timed"))
                .anyMatch(one -> one.rules().getFirst().to().getFirst().paths().contains(path));
    }

    private void apply(String name, String spec) {
        Resources.apply(kube.admin(), Resources.yaml(AUTHORIZATION, pods.namespace(), name, spec));
    }

    private Snapshot until(AgentStream stream, Snapshot first, String policy) throws Exception {
        Snapshot held = first;
        while (!names(held).contains(policy)) {
            held = stream.delta(server, held);
        }
        return held;
    }

    private static List<String> names(Snapshot snapshot) {
        return snapshot.policies().stream().map(AuthorizationPolicy::name).toList();
    }

    private static void acknowledge(AgentStream stream, Snapshot held) {
        stream.send(
                SubscribeRequest.newBuilder()
                        .setAcknowledgement(
                                Acknowledgement.newBuilder()
                                        .setRevision(held.revision())
                                        .setBundleEpoch(1)));
    }

    private void awaitEnforced(String name, String text) {
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .untilAsserted(
                        () -> assertThat(Resources.status(find(name), "enforced")).isEqualTo(text));
    }

    private String condition(String name, String type) {
        return Resources.condition(find(name), type);
    }

    private GenericKubernetesResource find(String name) {
        return Resources.find(kube.admin(), AUTHORIZATION, pods.namespace(), name).orElseThrow();
    }

    private Svid first(Pod pod) {
        KeyPair keys = Csrs.p256();
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .ignoreExceptions()
                .until(() ->
                        RunningServer.issue(server.connect(), pods.token(pod), Csrs.of(keys))
                                != null);
        KeyPair mine = Csrs.p256();
        return server.svid(
                mine, RunningServer.issue(server.connect(), pods.token(pod), Csrs.of(mine)));
    }
}
