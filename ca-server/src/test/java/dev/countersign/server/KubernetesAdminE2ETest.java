package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.kubernetes.admin.RbacAccess;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.testing.KubeProxy;
import dev.countersign.server.testing.KubeServer;
import dev.countersign.server.testing.RunningServer;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People of a real cluster at the command line: its tokens say who they are, its RBAC what they may. */
final class KubernetesAdminE2ETest {
    @TempDir private static Path folder;

    private static KubeServer kube;
    private static KubePods pods;
    private static KubeProxy proxy;
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        kube = KubeServer.shared();
        pods = new KubePods(kube, kube.newNamespace("people"));
        proxy = new KubeProxy(kube);
        Path kubeconfig = folder.resolve("server.kubeconfig");
        Files.writeString(kubeconfig, kube.kubeconfigOf(proxy.url(), kube.adminToken()));
        person("vera", rule("get", "state", "certificates"));
        person(
                "sara",
                rule("get", "state", "log"),
                rule("verify", "log"),
                rule("revoke", "certificates"));
        person("nobody");
        server =
                RunningServer.start(
                        folder,
                        InstantSource.system(),
                        "attestation: {}",
                        "kubernetes: {kubeconfig: "
                                + kubeconfig
                                + ", namespace: "
                                + pods.namespace()
                                + ", publishTrust: false, allowOldKubernetes: true}");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
            proxy.close();
        }
    }

    @Test
    void aRoleOfTheClusterOpensWhatItSaysAndNothingElse() throws Exception {
        CommandRun allowed =
                await().until(() -> as("vera", "server", "status"), run -> run.code() == 0);
        CommandRun denied = as("vera", "log", "verify");

        assertThat(allowed.out()).contains("mesh.example");
        assertThat(denied.code()).isNotZero();
        assertThat(denied.err())
                .contains("ADMIN_RBAC_DENIED")
                .contains("may not verify log.countersign.dev (expected: a role that allows it)");
    }

    @Test
    void aChangeIsInTheLogUnderItsPersonsName() throws Exception {
        await().until(
                        () ->
                                as(
                                        "sara",
                                        "cert",
                                        "revoke",
                                        "--identity",
                                        "spiffe://mesh.example/ns/shop/sa/stolen",
                                        "--reason",
                                        "test"),
                        run -> run.code() == 0);

        assertThat(server.log("ADMIN_CALL"))
                .anySatisfy(entry -> {
                    assertThat(entry.getIdentity()).isEqualTo(name("sara"));
                    assertThat(entry.getBody()).contains("Revoke").contains("\"true\"");
                });
    }

    @Test
    void whatIsReadAndWhatIsRefusedIsInTheLogToo() throws Exception {
        await().until(() -> as("vera", "server", "status"), run -> run.code() == 0);
        as("nobody", "server", "status");

        await().untilAsserted(() ->
                assertThat(server.log("ADMIN_CALL"))
                        .anySatisfy(entry -> {
                            assertThat(entry.getIdentity()).isEqualTo(name("vera"));
                            assertThat(entry.getBody()).contains("GetStatus");
                        })
                        .anySatisfy(entry -> {
                            assertThat(entry.getIdentity()).isEqualTo(name("nobody"));
                            assertThat(entry.getBody()).contains("ADMIN_RBAC_DENIED");
                        }));
    }

    @Test
    void anApiServersOwnTokenCountsAndAWorkloadsDoesNot() throws Exception {
        Path own = folder.resolve("own.token");
        Files.writeString(own, token("vera", KubeServer.ISSUER));
        Path workloads = folder.resolve("workload.token");
        Files.writeString(workloads, token("vera", KubePods.AUDIENCE));

        await().until(() -> run("--kube-token", own, "server", "status"), run -> run.code() == 0);
        CommandRun refused = run("--kube-token", workloads, "server", "status");

        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("ADMIN_TOKEN_REFUSED").contains("countersign-admin");
    }

    @Test
    void aKubeconfigsTokenIsTaken() throws Exception {
        Path kubeconfig = folder.resolve("vera.kubeconfig");
        Files.writeString(
                kubeconfig, kube.kubeconfigOf(kube.url(), token("vera", RbacAccess.AUDIENCE)));

        await().until(
                        () -> run("--kubeconfig", kubeconfig, "server", "status"),
                        run -> run.code() == 0);
    }

    @Test
    void aKubeconfigWithoutATokenIsToldHowToGetOne() throws Exception {
        CommandRun run = run("--kubeconfig", kube.kubeconfig(), "server", "status");

        assertThat(run.code()).isNotZero();
        assertThat(run.err())
                .contains("user \"user\" has no token")
                .contains("kubectl create token NAME --audience countersign-admin");
    }

    @Test
    void nobodyIsLetInWhileTheApiServerCannotBeAsked() throws Exception {
        proxy.fault(line ->
                line.contains("subjectaccessreviews")
                        ? java.util.Optional.of(
                                new KubeProxy.Answer(503, "Retry-After: 1\r\n", "down"))
                        : java.util.Optional.empty());
        try {
            CommandRun run = as("vera", "server", "status");

            assertThat(run.code()).isNotZero();
            assertThat(run.err()).contains("API server: ").contains("subjectaccessreviews");
        } finally {
            proxy.heal();
        }
    }

    private static CommandRun as(String person, String... words) throws Exception {
        Path file = folder.resolve(person + ".token");
        Files.writeString(file, token(person, RbacAccess.AUDIENCE) + "\n");
        return run(Stream.concat(Stream.of("--kube-token", file), Arrays.stream(words)).toArray());
    }

    /** Options first, then the command; they are put behind it. */
    private static CommandRun run(Object... optionAndWords) {
        List<String> words = new ArrayList<>();
        Arrays.stream(optionAndWords).skip(2).map(Object::toString).forEach(words::add);
        words.addAll(
                List.of(
                        "--server",
                        server.address(),
                        "--bootstrap",
                        server.bootstrapFile().toString(),
                        optionAndWords[0].toString(),
                        optionAndWords[1].toString()));
        return CommandRun.of(words.toArray(String[]::new));
    }

    private static String name(String person) {
        return "kubernetes:system:serviceaccount:" + pods.namespace() + ":" + person;
    }

    private static String token(String person, String audience) {
        return kube.admin()
                .serviceAccounts()
                .inNamespace(pods.namespace())
                .withName(person)
                .tokenRequest(
                        new TokenRequestBuilder()
                                .withNewSpec()
                                .withAudiences(audience)
                                .withExpirationSeconds(3600L)
                                .endSpec()
                                .build())
                .getStatus()
                .getToken();
    }

    private static Map.Entry<String, List<String>> rule(String verb, String... resources) {
        return Map.entry(verb, List.of(resources));
    }

    @SafeVarargs
    private static void person(String name, Map.Entry<String, List<String>>... rules) {
        pods.account(name);
        String role = pods.namespace() + "-" + name;
        kube.admin()
                .resource(
                        new ClusterRoleBuilder()
                                .withNewMetadata()
                                .withName(role)
                                .endMetadata()
                                .withRules(
                                        Arrays.stream(rules)
                                                .map(rule ->
                                                        new PolicyRuleBuilder()
                                                                .withApiGroups("countersign.dev")
                                                                .withVerbs(rule.getKey())
                                                                .withResources(rule.getValue())
                                                                .build())
                                                .toList())
                                .build())
                .create();
        kube.admin()
                .resource(
                        new ClusterRoleBindingBuilder()
                                .withNewMetadata()
                                .withName(role)
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                                .addNewSubject(null, "ServiceAccount", name, pods.namespace())
                                .build())
                .create();
    }
}
