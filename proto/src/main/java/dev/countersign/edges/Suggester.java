package dev.countersign.edges;

import dev.countersign.edges.Simulation.Fate;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes least-privilege ALLOW policies for the edges that were allowed: one policy a workload, a rule
 * for callers that do the same, each value one that was seen. The same edges give the same text.
 *
 * <p>A policy selects by labels, so a workload without labels on record gets one only where nothing
 * else in its namespace was seen. Callers without identity cannot be named and are left. What the
 * policies do is not believed but tried: they are parsed as the server parses them, and every edge is
 * simulated against them.
 */
public final class Suggester {
    private final MeshSettings mesh;
    private final InstantSource clock;

    public Suggester(MeshSettings mesh, InstantSource clock) {
        this.mesh = mesh;
        this.clock = clock;
    }

    public Suggestion suggest(List<ObservedEdge> edges) {
        Map<String, SuggestedTargets> namespaces = new TreeMap<>();
        List<ObservedEdge> decided = new ArrayList<>();
        for (ObservedEdge edge : edges) {
            Optional<Workload> workload = Simulation.workload(edge);
            if (workload.isPresent()) {
                decided.add(edge);
                namespaces
                        .computeIfAbsent(workload.get().namespace(), SuggestedTargets::new)
                        .add(workload.get(), edge);
            }
        }
        List<Suggestion.Policy> policies = new ArrayList<>();
        namespaces.remove(root());
        namespaces.values().forEach(namespace -> policies.addAll(namespace.policies()));
        policies.sort(
                Comparator.comparing(Suggestion.Policy::namespace)
                        .thenComparing(Suggestion.Policy::name));
        return tried(policies, decided);
    }

    private Suggestion tried(List<Suggestion.Policy> policies, List<ObservedEdge> edges) {
        Simulation simulation =
                new Simulation(
                        mesh, parsed(policies), new PeerAuthentications(mesh, List.of()), clock);
        List<Suggestion.Left> left = new ArrayList<>();
        List<ObservedEdge> opened = new ArrayList<>();
        int covered = 0;
        long count = 0;
        for (ObservedEdge edge : edges) {
            Fate fate = simulation.decide(edge).fate();
            switch (fate) {
                case STILL_ALLOWED -> {
                    covered++;
                    count += edge.count();
                }
                case NEWLY_DENIED, MAYBE_DENIED ->
                        left.add(new Suggestion.Left(edge, whyLeft(edge)));
                case NEWLY_ALLOWED, MAYBE_ALLOWED -> opened.add(edge);
                case STILL_DENIED, NOT_DECIDED -> {}
            }
        }
        return new Suggestion(policies, covered, count, left, opened);
    }

    /** A policy there would select workloads of every namespace. */
    private String root() {
        return mesh.rootNamespaceOf(ApiGroup.COUNTERSIGN);
    }

    /** Why an edge that was allowed has no rule, or its rule does not reach it. */
    private String whyLeft(ObservedEdge edge) {
        if (edge.source().isEmpty()) {
            return "its caller has no identity that a rule could name";
        }
        if (edge.destination().contains("/ns/" + root() + "/")) {
            return "a policy in " + root() + " would select workloads of every namespace";
        }
        return edge.labels().isEmpty()
                ? "its destination has no labels on record that a policy could select by"
                : "what was written for it is read otherwise in this mesh";
    }

    private static List<AuthorizationPolicy> parsed(List<Suggestion.Policy> policies) {
        List<AuthorizationPolicy> parsed = new ArrayList<>();
        for (Suggestion.Policy policy : policies) {
            try {
                parsed.addAll(
                        PolicyParser.parse(
                                        policy.name(),
                                        policy.yaml().getBytes(StandardCharsets.UTF_8))
                                .policies());
            } catch (PolicyRefused e) {
                throw new IllegalStateException("a suggested policy is refused: " + policy, e);
            }
        }
        return parsed;
    }
}
