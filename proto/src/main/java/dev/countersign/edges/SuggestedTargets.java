package dev.countersign.edges;

import dev.countersign.policy.Workload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The workloads of one namespace that were called, and how a policy selects each of them. */
final class SuggestedTargets {
    private static final List<List<String>> USUAL =
            List.of(
                    List.of("app.kubernetes.io/instance", "app.kubernetes.io/name"),
                    List.of("app.kubernetes.io/name"),
                    List.of("app"),
                    List.of("k8s-app"));
    private static final int NAME = 200;

    private final String namespace;
    private final Map<String, Target> targets = new TreeMap<>();

    SuggestedTargets(String namespace) {
        this.namespace = namespace;
    }

    /** One service account with one set of labels. */
    private record Target(String account, Map<String, String> labels, List<ObservedEdge> edges) {}

    void add(Workload workload, ObservedEdge edge) {
        Map<String, String> labels = new TreeMap<>(workload.labels());
        targets.computeIfAbsent(
                        workload.serviceAccount() + " " + labels,
                        key -> new Target(workload.serviceAccount(), labels, new ArrayList<>()))
                .edges()
                .add(edge);
    }

    /** Targets that one selector picks are one policy. */
    private record Group(String account, Map<String, String> selector, List<ObservedEdge> edges) {}

    List<Suggestion.Policy> policies() {
        Map<String, Group> groups = new TreeMap<>();
        for (Target target : targets.values()) {
            Map<String, String> selector = selector(target);
            if (selector.isEmpty() && targets.size() > 1) {
                continue; // it would select everything in the namespace
            }
            groups.computeIfAbsent(
                            target.account() + " " + selector,
                            key -> new Group(target.account(), selector, new ArrayList<>()))
                    .edges()
                    .addAll(target.edges());
        }
        List<Suggestion.Policy> policies = new ArrayList<>();
        for (Group group : groups.values()) {
            List<SuggestedRule> rules = SuggestedRule.of(group.edges());
            if (!rules.isEmpty()) {
                String name = name(group, groups.values());
                policies.add(
                        new Suggestion.Policy(
                                namespace,
                                name,
                                new SuggestionYaml(namespace, name, group.selector(), rules)
                                        .text()));
            }
        }
        return policies;
    }

    /** The usual labels where they pick out this service account alone, else all. */
    private Map<String, String> selector(Target target) {
        for (List<String> keys : USUAL) {
            if (target.labels().keySet().containsAll(keys)) {
                Map<String, String> selector = new TreeMap<>(target.labels());
                selector.keySet().retainAll(keys);
                if (selectsOnly(selector, target.account())) {
                    return selector;
                }
            }
        }
        return target.labels();
    }

    private boolean selectsOnly(Map<String, String> selector, String account) {
        return targets.values().stream()
                .filter(other -> other.labels().entrySet().containsAll(selector.entrySet()))
                .allMatch(other -> other.account().equals(account));
    }

    private static String name(Group group, Collection<Group> all) {
        String account = group.account();
        long same = all.stream().filter(other -> other.account().equals(account)).count();
        String base = account.length() > NAME ? account.substring(0, NAME) : account;
        boolean plain = same == 1 && base.equals(account);
        return plain
                ? base + "-callers"
                : base + "-callers-" + hash(account + " " + group.selector());
    }

    private static String hash(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
