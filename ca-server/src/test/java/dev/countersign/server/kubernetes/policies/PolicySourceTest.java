package dev.countersign.server.kubernetes.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.distribution.AllowKeeper;
import dev.countersign.server.distribution.AllowRecords;
import dev.countersign.server.distribution.EnforcedAllow;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.WrittenPolicies;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.Resources;
import dev.countersign.testing.Patience;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Policies as objects of a real API server. */
final class PolicySourceTest {
    private static final ResourceKind AUTHORIZATION = ResourceKind.AUTHORIZATION_POLICY;

    private static KubeServer kube;
    private static KubernetesClient client;
    private static Watched watched;

    /** Everything from the API server to the feed. */
    private record Watched(
            PolicyFeed feed, PolicySource source, StatusWriter writer, PolicyStatus status)
            implements AutoCloseable {
        static Watched start(KubernetesClient client) {
            MeshSettings mesh = MeshSettings.countersign("countersign-system", "mesh.example");
            PolicyFeed feed = new PolicyFeed(mesh, InstantSource.system());
            WrittenPolicies policies =
                    new WrittenPolicies(
                            feed, new AllowKeeper(new Forgetful(), mesh, List::of, false));
            PolicySource source = new PolicySource(client, policies, true);
            source.start();
            StatusWriter writer = new StatusWriter(client, InstantSource.system());
            PolicyStatus status =
                    new PolicyStatus(source, policies, feed, List::of, Leadership.ALONE, writer);
            Awaitility.await("all is read").atMost(Patience.OF_TESTS).until(source::isComplete);
            return new Watched(feed, source, writer, status);
        }

        List<String> ids(String namespace) {
            return feed.state().set().policies().stream()
                    .filter(one -> one.namespace().equals(namespace))
                    .map(AuthorizationPolicy::name)
                    .toList();
        }

        @Override
        public void close() {
            source.close();
        }
    }

    private static final class Forgetful implements AllowRecords {
        private List<EnforcedAllow> held = List.of();

        @Override
        public List<EnforcedAllow> enforced() {
            return held;
        }

        @Override
        public void enforce(List<EnforcedAllow> allows) {
            held = allows;
        }
    }

    @BeforeAll
    static void start() {
        kube = KubeServer.shared();
        client = kube.admin();
        Resources.install(client);
        watched = Watched.start(client);
    }

    @AfterAll
    static void stop() {
        if (watched != null) {
            watched.close();
        }
    }

    @Test
    void whatIsAppliedChangedAndDeletedIsInForceChangedAndGone() {
        String shop = kube.newNamespace("shop");

        apply(shop, "web", "{selector: {matchLabels: {app: web}}}");
        await(() -> watched.ids(shop).contains("web"));
        apply(shop, "web", "{action: DENY, rules: [{}]}");
        await(() -> policy(shop, "web").anyMatch(one -> one.rules().size() == 1));
        Resources.delete(client, AUTHORIZATION, shop, "web");
        await(() -> watched.ids(shop).isEmpty());
    }

    @Test
    void aBadObjectIsRefusedAloneAndItsLastGoodVersionStays() {
        String shop = kube.newNamespace("shop");
        apply(shop, "good", "{action: DENY, rules: [{to: [{operation: {paths: [/a]}}]}]}");
        await(() -> watched.ids(shop).contains("good"));

        // Well-formed for the schema; the parser knows the misspelled field.
        apply(
                shop,
                "good",
                "{action: DENY, rules: [{to: [{operation: {paths: [/b], methodz: [GET]}}]}]}");
        apply(shop, "never-good", "{rules: [{when: [{key: nonsense, values: [a]}]}]}");
        apply(shop, "beside", "{}");
        await(() -> watched.ids(shop).contains("beside"));
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .untilAsserted(() -> {
                    watched.status().tick();
                    assertThat(accepted(shop, "good")).startsWith("False UNKNOWN_FIELD");
                });
        await(() -> accepted(shop, "never-good").startsWith("False INVALID_VALUE"));

        assertThat(accepted(shop, "good"))
                .contains("spec.rules[0].to[0].operation.methodz", "did you mean methods?")
                .endsWith("the last good version stays in force");
        assertThat(accepted(shop, "never-good")).endsWith("nothing of it is in force");
        assertThat(policy(shop, "good").toList())
                .singleElement()
                .satisfies(one ->
                        assertThat(one.rules().getFirst().to().getFirst().paths())
                                .containsExactly("/a"));
        assertThat(watched.ids(shop)).containsExactlyInAnyOrder("good", "beside");
    }

    @Test
    void itsAuthorIsToldInStatusAndInAnEvent() {
        String shop = kube.newNamespace("shop");
        apply(shop, "told", "{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}");

        await(() -> accepted(shop, "told").startsWith("True"));
        GenericKubernetesResource told = find(shop, "told");

        assertThat(Resources.status(told, "observedGeneration")).isEqualTo(1);
        assertThat(Resources.status(told, "enforced")).isEqualTo("0 of 0 agents");
        assertThat(accepted(shop, "told")).contains("DENY_WIDENED_ON_TCP");
        assertThat(Resources.condition(told, "Enforced")).startsWith("True NoAgents");
        assertThat(told.getMetadata().getManagedFields())
                .filteredOn(one -> one.getManager().equals(StatusWriter.FIELD_MANAGER))
                .singleElement()
                .extracting(one -> one.getOperation())
                .isEqualTo("Apply");
        assertThat(client.v1().events().inNamespace(shop).list().getItems())
                .filteredOn(one -> one.getInvolvedObject().getName().equals("told"))
                .extracting(Event::getReason)
                .contains("Accepted", "Enforced");
    }

    @Test
    void nothingIsWrittenWhenNothingChanged() {
        String shop = kube.newNamespace("shop");
        apply(shop, "quiet", "{}");
        await(() -> accepted(shop, "quiet").startsWith("True"));
        String version = find(shop, "quiet").getMetadata().getResourceVersion();

        for (int i = 0; i < 5; i++) {
            synchronized (watched) {
                watched.status().tick();
            }
        }

        assertThat(find(shop, "quiet").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void policiesOfIstioAreReadWhereTheyExist() {
        String shop = kube.newNamespace("shop");
        client.resource(ISTIO).createOr(one -> one.update());
        try (Watched second = awaitIstio(shop)) {
            assertThat(second.ids(shop)).containsExactly("theirs");
            second.status().tick();
        }
        assertThat(
                        client.genericKubernetesResources(
                                        "security.istio.io/v1beta1", "AuthorizationPolicy")
                                .inNamespace(shop)
                                .withName("theirs")
                                .get()
                                .getAdditionalProperties())
                .as("Istio's own objects are not written into")
                .doesNotContainKey("status");
    }

    @Test
    void nothingIsGoneWhileTheApiServerIsAwayAndWhatHappenedThenIsToldAfterwards()
            throws Exception {
        try (KubeServer own = KubeServer.own()) {
            Resources.install(own.admin());
            String shop = own.newNamespace("shop");
            applyTo(own.admin(), shop, "stays", "{}");
            applyTo(own.admin(), shop, "goes", "{}");
            try (Watched far = Watched.start(own.admin())) {
                assertThat(far.ids(shop)).containsExactlyInAnyOrder("stays", "goes");

                own.stopApiServer();
                long revision = far.feed().state().revision();
                Awaitility.await("the watch has ended")
                        .atMost(Patience.OF_TESTS)
                        .until(() ->
                                far.source().watches().stream().noneMatch(w -> w.isWatching()));
                assertThat(far.ids(shop)).containsExactlyInAnyOrder("stays", "goes");
                assertThat(far.feed().state().revision()).isEqualTo(revision);

                own.restartApiServer();
                Resources.delete(own.admin(), AUTHORIZATION, shop, "goes");
                applyTo(own.admin(), shop, "comes", "{}");
                compact(own);
                await(() -> far.ids(shop).contains("comes") && !far.ids(shop).contains("goes"));
                assertThat(far.ids(shop)).containsExactlyInAnyOrder("stays", "comes");
            }
        }
    }

    private static Watched awaitIstio(String shop) {
        Awaitility.await("Istio's kind is served")
                .atMost(Patience.OF_TESTS)
                .ignoreExceptions()
                .until(() -> Resources.apply(client, theirs(shop)) != null);
        Watched second = Watched.start(client);
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .until(() -> second.ids(shop).contains("theirs"));
        return second;
    }

    private static String theirs(String namespace) {
        return "apiVersion: security.istio.io/v1beta1\nkind: AuthorizationPolicy\n"
                + "metadata: {name: theirs, namespace: "
                + namespace
                + "}\nspec: {}\n";
    }

    /** What the watches know of is no longer kept: they must list anew. */
    private static void compact(KubeServer own) throws Exception {
        String revision = own.admin().namespaces().list().getMetadata().getResourceVersion();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> done =
                    http.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:"
                                                            + own.etcdPort()
                                                            + "/v3/kv/compaction"))
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    "{\"revision\":\"" + revision + "\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(done.statusCode()).isEqualTo(200);
        }
    }

    private static void apply(String namespace, String name, String spec) {
        applyTo(client, namespace, name, spec);
    }

    private static void applyTo(KubernetesClient to, String namespace, String name, String spec) {
        Resources.apply(to, Resources.yaml(AUTHORIZATION, namespace, name, spec));
    }

    private static GenericKubernetesResource find(String namespace, String name) {
        return Resources.find(client, AUTHORIZATION, namespace, name).orElseThrow();
    }

    private static String accepted(String namespace, String name) {
        return Resources.condition(find(namespace, name), "Accepted");
    }

    private static Stream<AuthorizationPolicy> policy(String namespace, String name) {
        return watched.feed().state().set().policies().stream()
                .filter(one -> one.id().equals(namespace + "/" + name));
    }

    private static void await(java.util.concurrent.Callable<Boolean> holds) {
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .until(() -> {
                    synchronized (watched) {
                        watched.status().tick();
                    }
                    return holds.call();
                });
    }

    private static final String ISTIO =
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: authorizationpolicies.security.istio.io}
            spec:
              group: security.istio.io
              scope: Namespaced
              names:
                kind: AuthorizationPolicy
                plural: authorizationpolicies
                singular: authorizationpolicy
                listKind: AuthorizationPolicyList
              versions:
              - name: v1beta1
                served: true
                storage: true
                subresources: {status: {}}
                schema:
                  openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """;
}
