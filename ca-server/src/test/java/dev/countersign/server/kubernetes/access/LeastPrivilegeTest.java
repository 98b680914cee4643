package dev.countersign.server.kubernetes.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.server.kubernetes.admin.AdminPermission;
import dev.countersign.server.operators.AdminAction;
import dev.countersign.server.operators.Role;
import dev.countersign.server.testing.KubeConnections;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.testing.KubeServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether each permission of {@code kubernetes/rbac.yaml} is needed, and for what: the real code does
 * all it does in a cluster, each time without one of them.
 */
final class LeastPrivilegeTest {
    private static final String DELEGATOR = "system:auth-delegator";
    private static final int AT_ONCE = 4;

    /** What fails without it. */
    private static final Map<String, Set<Duty>> NEEDED =
            Map.ofEntries(
                    Map.entry("get pods", Set.of(Duty.ASK_FOR_A_POD)),
                    Map.entry("list pods", Set.of(Duty.FOLLOW_PODS)),
                    Map.entry("watch pods", Set.of(Duty.FOLLOW_PODS)),
                    Map.entry("list serviceaccounts", Set.of(Duty.FOLLOW_PODS)),
                    Map.entry("watch serviceaccounts", Set.of(Duty.FOLLOW_PODS)),
                    Map.entry("list services", Set.of(Duty.FOLLOW_SERVICES)),
                    Map.entry("watch services", Set.of(Duty.FOLLOW_SERVICES)),
                    Map.entry("list namespaces", Set.of(Duty.PUBLISH_TRUST)),
                    Map.entry("watch namespaces", Set.of(Duty.PUBLISH_TRUST)),
                    Map.entry("create configmaps", Set.of(Duty.PUBLISH_TRUST)),
                    Map.entry("list configmaps", Set.of(Duty.PUBLISH_TRUST)),
                    Map.entry("watch configmaps", Set.of(Duty.PUBLISH_TRUST)),
                    Map.entry("patch configmaps", Set.of(Duty.PUBLISH_TRUST)),
                    Map.entry("create secrets", Set.of(Duty.KEEP_A_KEY)),
                    Map.entry("get secrets", Set.of(Duty.FIND_A_KEY, Duty.DESTROY_A_KEY)),
                    Map.entry("delete secrets", Set.of(Duty.DESTROY_A_KEY)),
                    Map.entry("create leases", Set.of(Duty.TAKE_THE_LEAD, Duty.KEEP_THE_LEAD)),
                    Map.entry("get leases", Set.of(Duty.TAKE_THE_LEAD, Duty.KEEP_THE_LEAD)),
                    Map.entry("update leases", Set.of(Duty.KEEP_THE_LEAD)),
                    Map.entry(DELEGATOR, Set.of(Duty.REVIEW_TOKENS, Duty.REVIEW_OPERATORS)),
                    // By default every service account may read these; a hardened cluster differs.
                    Map.entry("get /.well-known/openid-configuration", Set.of()),
                    Map.entry("get /openid/v1/jwks", Set.of()),
                    Map.entry("get /version", Set.of()),
                    // The kit's API server does not have the kind.
                    Map.entry("create clustertrustbundles", Set.of()),
                    Map.entry("patch clustertrustbundles", Set.of()),
                    Map.entry("attest signers", Set.of()));

    @TempDir private static Path folder;

    private static KubeServer kube;
    private static List<Granted> granted;

    @BeforeAll
    static void start() throws Exception {
        // Of its own: the trust bundle is published in all namespaces, and there are few here.
        kube = KubeServer.own();
        granted = Granted.toServer(kube.admin());
    }

    @AfterAll
    static void stop() {
        if (kube != null) {
            kube.close();
        }
    }

    @Test
    void withAllOfThemEverythingWorks() throws Exception {
        assertThat(failing(Optional.empty())).isEmpty();
    }

    @Test
    void eachOneIsNeededForWhatItSays() throws Exception {
        Map<String, Set<Duty>> failing = new TreeMap<>();
        try (ExecutorService tasks = Executors.newFixedThreadPool(AT_ONCE)) {
            Map<String, Future<Set<Duty>>> running = new TreeMap<>();
            for (String without : permissions()) {
                running.put(without, tasks.submit(() -> failing(Optional.of(without))));
            }
            for (Map.Entry<String, Future<Set<Duty>>> one : running.entrySet()) {
                failing.put(one.getKey(), one.getValue().get());
            }
        }

        assertThat(failing).isEqualTo(new TreeMap<>(NEEDED));
    }

    @Test
    void peoplesRolesAreTheTableOfOperators() throws Exception {
        Map<String, Set<AdminAction>> roles = new TreeMap<>();
        for (HasMetadata object : Granted.file(kube.admin())) {
            if (object instanceof ClusterRole role
                    && !role.getMetadata().getName().equals("countersign-ca-server")) {
                roles.put(role.getMetadata().getName(), actions(role));
            }
        }

        Map<String, Set<AdminAction>> table = new TreeMap<>();
        for (Role role : Role.values()) {
            Set<AdminAction> may = EnumSet.allOf(AdminAction.class);
            may.removeIf(action -> !role.may(action));
            table.put("countersign-" + role.text(), may);
        }
        assertThat(roles).isEqualTo(table);
    }

    private static Set<AdminAction> actions(ClusterRole role) {
        Set<AdminAction> actions = new HashSet<>();
        for (AdminAction action : AdminAction.values()) {
            AdminPermission.of(action)
                    .filter(permission ->
                            role.getRules().stream()
                                    .anyMatch(rule ->
                                            rule.getApiGroups().contains(AdminPermission.GROUP)
                                                    && rule.getVerbs().contains(permission.verb())
                                                    && rule.getResources()
                                                            .contains(permission.resource())))
                    .ifPresent(permission -> actions.add(action));
        }
        return actions;
    }

    private static Set<String> permissions() {
        Set<String> all = new TreeSet<>();
        granted.forEach(one -> all.add(one.toString()));
        all.add(DELEGATOR);
        return all;
    }

    private static Set<Duty> failing(Optional<String> without) throws Exception {
        String namespace = kube.newNamespace("rbac");
        KubePods pods = new KubePods(kube, namespace);
        Pod server = pods.create("server", "server", Map.of());
        grant(namespace, without);
        String token =
                kube.admin()
                        .serviceAccounts()
                        .inNamespace(namespace)
                        .withName("server")
                        .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                        .getStatus()
                        .getToken();
        try (KubernetesConnection connection =
                        KubeConnections.with(folder, kube, kube.url(), token, namespace);
                KubernetesConnection admin = KubeConnections.admin(kube, namespace)) {
            awaitGrant(connection);
            return Duty.failing(connection, admin, pods, server);
        }
    }

    /** Authorizers hear of new roles a little later; these two come last. */
    private static void awaitGrant(KubernetesConnection connection) {
        await().ignoreExceptions()
                .until(() ->
                        connection
                                        .client()
                                        .configMaps()
                                        .inNamespace(connection.namespace())
                                        .withName("granted")
                                        .get()
                                == null);
    }

    private static void grant(String namespace, Optional<String> without) {
        List<PolicyRule> cluster = new ArrayList<>();
        List<PolicyRule> own = new ArrayList<>();
        for (Granted one : granted) {
            if (!Optional.of(one.toString()).equals(without)) {
                (one.inNamespace() ? own : cluster).add(named(one.rule(), namespace));
            }
        }
        if (!Optional.of(DELEGATOR).equals(without)) {
            bindCluster(namespace, DELEGATOR);
        }
        kube.admin()
                .resource(
                        new ClusterRoleBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .endMetadata()
                                .withRules(cluster)
                                .build())
                .create();
        bindCluster(namespace, namespace);
        bindOwn(namespace, "server", own);
        PolicyRule last = new PolicyRule();
        last.setApiGroups(List.of(""));
        last.setResources(List.of("configmaps"));
        last.setResourceNames(List.of("granted"));
        last.setVerbs(List.of("get"));
        bindOwn(namespace, "granted", List.of(last));
    }

    private static PolicyRule named(PolicyRule rule, String namespace) {
        boolean trust =
                rule.getResourceNames() != null
                        && rule.getResourceNames()
                                .contains(KubernetesSettings.DEFAULT_TRUST_CONFIG_MAP);
        return trust
                ? new PolicyRuleBuilder(rule).withResourceNames(Duty.trustName(namespace)).build()
                : rule;
    }

    private static void bindCluster(String namespace, String role) {
        kube.admin()
                .resource(
                        new ClusterRoleBindingBuilder()
                                .withNewMetadata()
                                .withName(namespace + "-" + role.replace(':', '-'))
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                                .addNewSubject(null, "ServiceAccount", "server", namespace)
                                .build())
                .create();
    }

    private static void bindOwn(String namespace, String name, List<PolicyRule> rules) {
        kube.admin()
                .resource(
                        new RoleBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .endMetadata()
                                .withRules(rules)
                                .build())
                .create();
        kube.admin()
                .resource(
                        new RoleBindingBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "Role", name)
                                .addNewSubject(null, "ServiceAccount", "server", namespace)
                                .build())
                .create();
    }
}
