package dev.countersign.policy.reference;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** Everything that a decision depends on but the request. */
public record World(
        MeshSettings mesh,
        DataPlane dataPlane,
        Instant now,
        Workload workload,
        List<AuthorizationPolicy> policies) {

    public World {
        policies = List.copyOf(policies);
    }

    /** The same with other policies. */
    public World with(List<AuthorizationPolicy> others) {
        return new World(mesh, dataPlane, now, workload, others);
    }

    public InstantSource clock() {
        return InstantSource.fixed(now);
    }

    /** What decides here without an index. */
    public ReferencePolicies reference(long revision) {
        return new ReferencePolicies(revision, mesh, dataPlane, policies, clock(), workload);
    }

    /** For people; each policy on lines of its own. */
    @Override
    public String toString() {
        return "mesh: "
                + mesh
                + "\ndata plane: "
                + dataPlane
                + "\nnow: "
                + now
                + "\nworkload: "
                + workload
                + policies.stream().map(PolicyText::of).collect(Collectors.joining());
    }
}
