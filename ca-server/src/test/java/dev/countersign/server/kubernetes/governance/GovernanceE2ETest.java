package dev.countersign.server.kubernetes.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.kubernetes.schema.ResourceKind;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.Resources;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.testing.Patience;
import dev.countersign.wire.v1.ExportPoliciesRequest;
import dev.countersign.wire.v1.GetRotationRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.ListRevocationsRequest;
import dev.countersign.wire.v1.PolicyDefaultAction;
import dev.countersign.wire.v1.RevocationSubject;
import dev.countersign.wire.v1.RevokeRequest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the security team states in objects, through a whole server and a real API server. */
final class GovernanceE2ETest {
    private static final ResourceKind REVOCATION = ResourceKind.REVOCATION;
    private static final ResourceKind SETTINGS = ResourceKind.MESH_SETTINGS;
    private static final ResourceKind ROOT = ResourceKind.TRUST_ROOT;

    @TempDir private static Path folder;

    private static KubeServer kube;
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        kube = KubeServer.own();
        Resources.install(kube.admin());
        server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "attestation: {}",
                        "unsafe: {shortLives: true}",
                        "rotation: {dwell: 0s, clockSkew: 0s}",
                        "kubernetes: {kubeconfig: "
                                + kube.kubeconfig()
                                + ", namespace: "
                                + kube.newNamespace("root")
                                + ", allowOldKubernetes: true}");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (kube != null) {
            kube.close();
        }
    }

    @Test
    void aRevocationDeniesWhomItNamesInItsOwnNamespaceUntilItIsDeleted() throws Exception {
        KubePods shop = new KubePods(kube, kube.newNamespace("shop"));
        KubePods bank = new KubePods(kube, kube.newNamespace("bank"));
        Pod web = shop.create("web-0", "web", Map.of());
        Pod other = bank.create("web-0", "web", Map.of());
        awaitIssued(shop, web);
        awaitIssued(bank, other);

        apply(REVOCATION, shop.namespace(), "stolen", "{serviceAccount: web, reason: a leak}");
        awaitAccepted(REVOCATION, shop.namespace(), "stolen", "True Revoked");
        GenericKubernetesResource told = find(REVOCATION, shop.namespace(), "stolen");

        assertThat(Resources.status(told, "target"))
                .isEqualTo("identity " + RunningServer.id(shop.namespace(), "web"));
        assertThat(refusal(shop, web)).isEqualTo("IDENTITY_REVOKED");
        awaitIssued(bank, other);

        Resources.delete(kube.admin(), REVOCATION, shop.namespace(), "stolen");
        awaitIssued(shop, web);
    }

    @Test
    void whatAnOperatorOrderedIsNotReplaced() {
        String shop = kube.newNamespace("shop");
        String identity = RunningServer.id(shop, "web").toString();
        server.admin()
                .revoke(
                        RevokeRequest.newBuilder()
                                .setSubject(RevocationSubject.newBuilder().setIdentity(identity))
                                .setReason("by hand")
                                .build());

        apply(REVOCATION, shop, "shorter", "{serviceAccount: web, reason: mine, duration: 1s}");
        awaitAccepted(REVOCATION, shop, "shorter", "False REVOKED_ALREADY");
        Resources.delete(kube.admin(), REVOCATION, shop, "shorter");

        assertThat(
                        server.admin()
                                .listRevocations(ListRevocationsRequest.getDefaultInstance())
                                .getRevocationsList())
                .filteredOn(one -> one.getTarget().equals("identity " + identity))
                .singleElement()
                .satisfies(one -> assertThat(one.getReason()).isEqualTo("by hand"));
    }

    @Test
    void meshSettingsTakeThePlaceOfTheConfigurationWhileTheyAreThere() {
        assertThat(defaultAction()).isEqualTo(PolicyDefaultAction.POLICY_DEFAULT_ACTION_DENY);

        apply(SETTINGS, "", "mesh", "{defaultAction: ALLOW}");
        awaitAccepted(SETTINGS, "", "mesh", "True Accepted");
        assertThat(defaultAction()).isEqualTo(PolicyDefaultAction.POLICY_DEFAULT_ACTION_ALLOW);

        apply(SETTINGS, "", "mesh", "{defaultAction: DENY, maxStale: 90d}");
        awaitAccepted(SETTINGS, "", "mesh", "False INVALID_VALUE spec.maxStale");
        assertThat(defaultAction())
                .as("what was in force stays")
                .isEqualTo(PolicyDefaultAction.POLICY_DEFAULT_ACTION_ALLOW);

        Resources.delete(kube.admin(), SETTINGS, "", "mesh");
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .until(() -> defaultAction() == PolicyDefaultAction.POLICY_DEFAULT_ACTION_DENY);
    }

    @Test
    void aMistakeIsRefusedWithPathAndExpectation() {
        String shop = kube.newNamespace("shop");

        apply(REVOCATION, shop, "mistake", "{serviceAccount: web, reason: r, untill: x}");

        awaitAccepted(
                REVOCATION, shop, "mistake", "False UNKNOWN_FIELD spec.untill: untill (expected:");
    }

    @Test
    void aTrustRootBeginsOneRotationForEachRequestAndTakingItBackUndoesNothing() {
        String before = rotation().getPhase();
        assertThat(before).isEqualTo("STABLE");

        apply(ROOT, "", "mesh", "{rotation: {request: first}}");
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .untilAsserted(() ->
                        assertThat(Resources.status(find(ROOT, "", "mesh"), "handledRequest"))
                                .isEqualTo("first"));
        awaitAccepted(ROOT, "", "mesh", "True Accepted");
        String id = rotation().getRotationId();
        assertThat(rotation().getBegunBy()).isEqualTo("TrustRoot mesh, request first");
        assertThat(Resources.status(find(ROOT, "", "mesh"), "phase")).isNotEqualTo("STABLE");

        apply(ROOT, "", "mesh", "{rotation: {request: second}}");
        awaitAccepted(ROOT, "", "mesh", "False ROTATION_RUNNING");
        Resources.delete(kube.admin(), ROOT, "", "mesh");

        assertThat(rotation().getRotationId()).isEqualTo(id);
    }

    private static PolicyDefaultAction defaultAction() {
        return server.admin()
                .exportPolicies(ExportPoliciesRequest.getDefaultInstance())
                .next()
                .getMesh()
                .getDefaultAction();
    }

    private static GetRotationResponse rotation() {
        return server.admin().getRotation(GetRotationRequest.getDefaultInstance());
    }

    private static void apply(ResourceKind kind, String namespace, String name, String spec) {
        Resources.apply(kube.admin(), Resources.yaml(kind, namespace, name, spec));
    }

    private static GenericKubernetesResource find(
            ResourceKind kind, String namespace, String name) {
        return Resources.find(kube.admin(), kind, namespace, name).orElseThrow();
    }

    private static void awaitAccepted(
            ResourceKind kind, String namespace, String name, String text) {
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .untilAsserted(() ->
                        assertThat(Resources.condition(find(kind, namespace, name), "Accepted"))
                                .startsWith(text));
    }

    private static void awaitIssued(KubePods pods, Pod pod) {
        Awaitility.await()
                .atMost(Patience.OF_TESTS)
                .ignoreExceptions()
                .until(() -> {
                    KeyPair keys = Csrs.p256();
                    return RunningServer.issue(server.connect(), pods.token(pod), Csrs.of(keys))
                            .hasBundle();
                });
    }

    private static String refusal(KubePods pods, Pod pod) throws Exception {
        try {
            RunningServer.issue(server.connect(), pods.token(pod), Csrs.of(Csrs.p256()));
            return "";
        } catch (StatusRuntimeException refused) {
            return RunningServer.refusal(refused).reason();
        }
    }
}
