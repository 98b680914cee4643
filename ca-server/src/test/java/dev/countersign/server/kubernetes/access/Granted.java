package dev.countersign.server.kubernetes.access;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One permission of {@code kubernetes/rbac.yaml}: a rule with one verb on one thing.
 *
 * @param inNamespace whether it is of the Role, and not of the ClusterRole
 */
record Granted(boolean inNamespace, PolicyRule rule) {
    static List<HasMetadata> file(KubernetesClient client) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        Granted.class.getResourceAsStream("/kubernetes/rbac.yaml"))) {
            return client.load(in).items();
        }
    }

    /** All that the server is granted. */
    static List<Granted> toServer(KubernetesClient client) throws IOException {
        List<Granted> all = new ArrayList<>();
        for (HasMetadata role : file(client)) {
            if (role.getMetadata().getName().equals("countersign-ca-server")) {
                switch (role) {
                    case ClusterRole cluster -> split(false, cluster.getRules(), all);
                    case Role namespaced -> split(true, namespaced.getRules(), all);
                    default -> throw new IllegalStateException(role.getKind());
                }
            }
        }
        return all;
    }

    @Override
    public String toString() {
        return rule.getNonResourceURLs() != null && !rule.getNonResourceURLs().isEmpty()
                ? rule.getVerbs().getFirst() + " " + rule.getNonResourceURLs().getFirst()
                : rule.getVerbs().getFirst() + " " + rule.getResources().getFirst();
    }

    private static void split(boolean inNamespace, List<PolicyRule> rules, List<Granted> into) {
        for (PolicyRule rule : rules) {
            for (String verb : rule.getVerbs()) {
                for (String resource : orNone(rule.getResources())) {
                    into.add(
                            new Granted(
                                    inNamespace,
                                    new PolicyRuleBuilder(rule)
                                            .withVerbs(verb)
                                            .withResources(resource)
                                            .build()));
                }
                for (String url : orNone(rule.getNonResourceURLs())) {
                    into.add(
                            new Granted(
                                    inNamespace,
                                    new PolicyRuleBuilder(rule)
                                            .withVerbs(verb)
                                            .withNonResourceURLs(url)
                                            .build()));
                }
            }
        }
    }

    private static List<String> orNone(List<String> list) {
        return list == null ? List.of() : list;
    }
}
