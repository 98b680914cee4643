package dev.countersign.server.kubernetes.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.testing.KubeProxy;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.testing.Svid;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a pod's token to its certificate: real tokens, a real API server, and what goes wrong. */
final class ClusterIdentityE2ETest {
    private static final InstantSource SYSTEM = InstantSource.system();

    @TempDir private Path folder;

    private KubeServer kube;
    private KubePods pods;
    private KubeProxy proxy;

    @SuppressWarnings("NullAway.Init") // each test starts it in its own way
    private RunningServer server;

    @BeforeEach
    void prepare() throws Exception {
        kube = KubeServer.shared();
        pods = new KubePods(kube, kube.newNamespace("identity"));
        proxy = new KubeProxy(kube);
        Files.writeString(
                folder.resolve("kubeconfig"), kube.kubeconfigOf(proxy.url(), kube.adminToken()));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        if (proxy != null) {
            proxy.close();
        }
    }

    @Test
    void aPodsTokenBecomesACertificate() throws Exception {
        start(SYSTEM);
        Pod pod = pods.create("web-0", "web", Map.of());
        KeyPair keys = Csrs.p256();

        Svid svid =
                server.svid(
                        keys,
                        RunningServer.issue(server.connect(), pods.token(pod), Csrs.of(keys)));

        assertThat(svid.peer().id()).isEqualTo(RunningServer.id(pods.namespace(), "web"));
        assertThat(server.log("INTENT").getFirst().getBody())
                .contains(uid(pod))
                .contains(KubePods.NODE);
    }

    @Test
    void oneTokenReviewAPodLife() throws Exception {
        start(SYSTEM);
        Pod pod = pods.create("web-0", "web", Map.of());
        Svid svid = first(pod);

        for (int i = 0; i < 3; i++) {
            KeyPair next = Csrs.p256();
            server.svid(
                    next,
                    RunningServer.issue(server.connect(svid), pods.token(pod), Csrs.of(next)));
        }

        assertThat(metric("countersign_kubernetes_tokenreviews_total{outcome=\"authenticated\"}"))
                .isEqualTo(1.0);
    }

    @Test
    void aDeletedPodsTokenIsRefusedAtOnce() throws Exception {
        start(SYSTEM);
        Pod pod = pods.create("web-0", "web", Map.of());
        String token = pods.token(pod);
        first(pod);

        pods.delete(pod);

        // The API server itself goes on believing the token for some seconds.
        await().untilAsserted(() -> assertThat(refused(token).reason()).isEqualTo("POD_UNKNOWN"));
        assertThat(refused(token).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void aPodThatIsBeingDeletedGetsNothingMore() throws Exception {
        start(SYSTEM);
        Pod pod = pods.create("web-0", "web", Map.of());
        String token = pods.token(pod);
        Svid svid = first(pod);

        pods.beginDeletion(pod);

        await().untilAsserted(() -> assertThat(refused(token).reason()).isEqualTo("POD_DELETING"));
        assertThat(refused(server.connect(svid), token).reason()).isEqualTo("POD_DELETING");
    }

    @Test
    void aTokenForAnotherAudienceIsRefusedWithoutACall() throws Exception {
        start(SYSTEM);
        Pod pod = pods.create("web-0", "web", Map.of());
        String token = pods.token(pod, "vault");
        int before = proxy.requests();

        Refusal refusal = refused(token);

        assertThat(refusal.reason()).isEqualTo("TOKEN_WRONG_AUDIENCE");
        assertThat(refusal.message()).contains("vault").contains("expected: one of [countersign]");
        assertThat(metric("countersign_kubernetes_tokenreviews_total")).isZero();
        assertThat(proxy.requests() - before).isLessThan(3); // the health check's
    }

    @Test
    void aTokenReplayedFromAnotherPodOfTheAccountIsRefused() throws Exception {
        start(SYSTEM);
        Pod victim = pods.create("web-0", "web", Map.of());
        pods.address(victim, "10.1.2.3");
        Pod thief = pods.create("web-1", "web", Map.of());
        pods.address(thief, "127.0.0.1"); // where this test calls from
        Svid thiefs = first(thief);

        await().untilAsserted(() ->
                assertThat(refused(pods.token(victim)).reason()).isEqualTo("CALLER_ADDRESS"));
        assertThat(refused(server.connect(thiefs), pods.token(victim)).reason())
                .isEqualTo("RENEWAL_OTHER_IDENTITY");
    }

    @Test
    void withoutTheApiServerRenewalsGoOnAndNewPodsWait() throws Exception {
        start(SYSTEM);
        Pod old = pods.create("web-0", "web", Map.of());
        Pod fresh = pods.create("web-1", "web", Map.of());
        Svid svid = first(old);
        String renewal = pods.token(old);
        String first = pods.token(fresh);

        proxy.cut();

        KeyPair next = Csrs.p256();
        server.svid(next, RunningServer.issue(server.connect(svid), renewal, Csrs.of(next)));
        Refusal refusal = refused(first);
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal.reason()).isEqualTo("KUBERNETES_UNAVAILABLE");
        assertThat(refusal.retryInfo()).isTrue();

        proxy.heal();
        await().ignoreExceptions()
                .untilAsserted(() -> {
                    KeyPair keys = Csrs.p256();
                    server.svid(keys, RunningServer.issue(server.connect(), first, Csrs.of(keys)));
                });
    }

    @Test
    void aSilentApiServerCostsACallerSecondsAndTheNextOneNothing() throws Exception {
        start(SYSTEM);
        String one = pods.token(pods.create("web-0", "web", Map.of()));
        String two = pods.token(pods.create("web-1", "web", Map.of()));
        proxy.fault(line ->
                line.contains("tokenreviews")
                        ? Optional.of(new KubeProxy.Silence())
                        : Optional.empty());

        Refusal first = refused(one);
        Refusal second = refused(two);

        assertThat(first.reason()).isEqualTo("KUBERNETES_UNAVAILABLE");
        assertThat(first.message()).contains("no answer within PT5S");
        assertThat(second.message()).contains("not asked, silent a moment ago");
    }

    @Test
    void anApiServerThatThrottlesIsLeftAlone() throws Exception {
        start(SYSTEM);
        String token = pods.token(pods.create("web-0", "web", Map.of()));
        proxy.fault(line ->
                line.contains("tokenreviews")
                        ? Optional.of(new KubeProxy.Answer(429, "Retry-After: 30\r\n", "too many"))
                        : Optional.empty());
        refused(token);
        int before = proxy.requests();

        Refusal refusal = refused(token);

        assertThat(refusal.code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal.message()).contains("not asked, it wants patience for PT");
        assertThat(proxy.requests() - before).isLessThan(3); // the health check's
    }

    @Test
    void aClockThatLagsIsSaidInTheRefusal() throws Exception {
        start(() -> Instant.now().minusSeconds(90));
        String token = pods.token(pods.create("web-0", "web", Map.of()));

        Refusal refusal = refused(token);

        assertThat(refusal.reason()).isEqualTo("TOKEN_NOT_YET_VALID");
        assertThat(refusal.message()).contains("nbf: ").contains("expected: <= ");
    }

    @Test
    void aClockAheadBelievesTokensAsLongAsTheyHaveTime() throws Exception {
        start(() -> Instant.now().plusSeconds(90));
        Pod pod = pods.create("web-0", "web", Map.of());

        assertThat(first(pod).peer().id()).isEqualTo(RunningServer.id(pods.namespace(), "web"));
    }

    @Test
    void aNamespaceThatIsDeletedServesItsPodsToTheLast() throws Exception {
        start(SYSTEM);
        Pod leaving = pods.create("web-0", "web", Map.of());
        Pod staying = pods.create("web-1", "web", Map.of());
        Svid left = first(leaving);
        Svid stayed = first(staying);
        String leavingToken = pods.token(leaving);
        String stayingToken = pods.token(staying);

        kube.admin().namespaces().withName(pods.namespace()).delete();
        Svid renewed = renew(left, leavingToken);
        pods.delete(leaving);

        await().untilAsserted(() ->
                assertThat(refused(server.connect(renewed), leavingToken).reason())
                        .isEqualTo("POD_UNKNOWN"));
        assertThat(renew(stayed, stayingToken).peer().id()).isEqualTo(stayed.peer().id());
    }

    @Test
    void theTokensOfAnIssuerOfOursAreNotBelieved() throws Exception {
        start(SYSTEM);

        assertThat(refused(server.token("shop", "web", "web-0")).reason())
                .isEqualTo("TOKEN_WRONG_ISSUER");
    }

    @Test
    void namesOfServicesAreInTheCertificateWhereTheProfileSaysSo() throws Exception {
        service("web", Map.of("app", "web"));
        service("all", Map.of("tier", "front"));
        service("other", Map.of("app", "db"));
        service("empty", Map.of());
        start(
                SYSTEM,
                "issuance: {namespaces: [{namespace: "
                        + pods.namespace()
                        + ", life: 10m, serviceNames: true}]}");
        Pod pod = pods.create("web-0", "web", Map.of("app", "web", "tier", "front"));
        KubePods plain = new KubePods(kube, kube.newNamespace("identity-plain"));
        Pod without = plain.create("web-0", "web", Map.of("app", "web"));

        assertThat(names(first(pod)))
                .containsExactlyInAnyOrder(
                        "all." + pods.namespace() + ".svc",
                        "all." + pods.namespace() + ".svc.cluster.local",
                        "web." + pods.namespace() + ".svc",
                        "web." + pods.namespace() + ".svc.cluster.local");
        KeyPair keys = Csrs.p256();
        assertThat(
                        names(
                                server.svid(
                                        keys,
                                        RunningServer.issue(
                                                server.connect(),
                                                plain.token(without),
                                                Csrs.of(keys)))))
                .isEmpty();
    }

    private void service(String name, Map<String, String> selector) {
        kube.admin()
                .resource(
                        new ServiceBuilder()
                                .withNewMetadata()
                                .withNamespace(pods.namespace())
                                .withName(name)
                                .endMetadata()
                                .withNewSpec()
                                .withSelector(selector)
                                .addNewPort()
                                .withPort(80)
                                .endPort()
                                .endSpec()
                                .build())
                .create();
    }

    /** The DNS names. */
    private static List<Object> names(Svid svid) throws Exception {
        List<Object> names = new ArrayList<>();
        for (List<?> name : svid.leaf().getSubjectAlternativeNames()) {
            if (name.getFirst().equals(2)) {
                names.add(name.getLast());
            }
        }
        return names;
    }

    private void start(InstantSource clock, String... more) throws Exception {
        String install = kube.newNamespace("install");
        List<String> lines = new ArrayList<>(List.of(more));
        lines.addAll(
                List.of(
                        "attestation: {}",
                        "kubernetes: {kubeconfig: "
                                + folder.resolve("kubeconfig")
                                + ", namespace: "
                                + install
                                + ", publishTrust: false, allowOldKubernetes: true}"));
        server = RunningServer.start(folder, clock, lines.toArray(String[]::new));
        await().until(() -> ops("/healthz/ready").statusCode() == 200);
    }

    private Svid first(Pod pod) {
        KeyPair keys = Csrs.p256();
        return server.svid(
                keys, RunningServer.issue(server.connect(), pods.token(pod), Csrs.of(keys)));
    }

    private Svid renew(Svid held, String token) {
        KeyPair next = Csrs.p256();
        return server.svid(next, RunningServer.issue(server.connect(held), token, Csrs.of(next)));
    }

    private Refusal refused(String token) {
        return refused(server.connect(), token);
    }

    private static Refusal refused(ManagedChannel channel, String token) {
        StatusRuntimeException refused =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> RunningServer.issue(channel, token, Csrs.of(Csrs.p256())));
        assertThat(refused).as("refusal").isNotNull();
        return RunningServer.refusal(refused);
    }

    private double metric(String start) throws Exception {
        return ops("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private HttpResponse<String> ops(String path) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:" + server.server().opsPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }
}
