package dev.countersign.server.admission.policies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Simulation;
import dev.countersign.edges.Simulation.Fate;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Finds traffic on record that flows under the policies in force and would be denied by those that
 * follow: what is certain, not what may be.
 */
public final class TrafficGuard {
    /** On a policy whose author accepts it. */
    public static final String MAY_CUT = "countersign.dev/allow-cut";

    private static final int SHOWN = 5;

    private final Supplier<InForce> now;
    private final Supplier<List<ObservedEdge>> edges;
    private final MeshSettings mesh;
    private final InstantSource clock;

    /** What is in force. */
    public record InForce(List<AuthorizationPolicy> policies, List<PeerAuthentication> peers) {
        public InForce {
            policies = List.copyOf(policies);
            peers = List.copyOf(peers);
        }
    }

    /**
     * @param edges what was let through lately; from memory, for it is asked at every review
     */
    public TrafficGuard(
            Supplier<InForce> now,
            Supplier<List<ObservedEdge>> edges,
            MeshSettings mesh,
            InstantSource clock) {
        this.now = now;
        this.edges = edges;
        this.mesh = mesh;
        this.clock = clock;
    }

    static boolean mayCut(ObjectNode object) {
        return object.path("metadata").path("annotations").path(MAY_CUT).asText("").equals("true");
    }

    /** What would be cut, for people; empty when nothing is. */
    Optional<String> cut(PolicyChange change) {
        List<ObservedEdge> flowing = edges.get();
        if (!change.decides() || flowing.isEmpty()) {
            return Optional.empty();
        }
        InForce before = now.get();
        Simulation old = simulation(before.policies(), before.peers());
        Simulation next =
                simulation(
                        change.appliedTo(before.policies()), change.appliedToPeers(before.peers()));
        List<ObservedEdge> cut =
                flowing.stream().filter(edge -> denies(next, edge) && !denies(old, edge)).toList();
        return cut.isEmpty() ? Optional.empty() : Optional.of(text(cut));
    }

    private Simulation simulation(
            List<AuthorizationPolicy> policies, List<PeerAuthentication> peers) {
        return new Simulation(mesh, policies, new PeerAuthentications(mesh, peers), clock);
    }

    private static boolean denies(Simulation simulation, ObservedEdge edge) {
        return simulation.decide(edge).fate() == Fate.NEWLY_DENIED;
    }

    private static String text(List<ObservedEdge> cut) {
        String shown =
                cut.stream()
                        .limit(SHOWN)
                        .map(edge ->
                                edge.caller()
                                        + " → "
                                        + edge.destination()
                                        + ":"
                                        + edge.port()
                                        + " "
                                        + edge.what()
                                        + " (seen "
                                        + edge.count()
                                        + " times)")
                        .collect(Collectors.joining(", "));
        return "would cut traffic that flows: "
                + shown
                + (cut.size() > SHOWN ? " and " + (cut.size() - SHOWN) + " more" : "");
    }
}
