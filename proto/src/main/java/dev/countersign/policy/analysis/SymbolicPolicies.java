package dev.countersign.policy.analysis;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.region.Region;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A set of policies as sets of requests, and the engine that has the last word on a witness. */
public final class SymbolicPolicies {

    private final MeshSettings mesh;
    private final PolicySet engine;
    private final Space space;
    private final Map<String, List<SymbolicPolicy>> byNamespace = new HashMap<>();
    private final List<AuthorizationPolicy> policies;
    private final Instant at;
    private final @Nullable PlaintextDoors doors;

    private SymbolicPolicies(
            MeshSettings mesh,
            List<AuthorizationPolicy> policies,
            Instant at,
            Space space,
            List<SymbolicPolicy> compiled,
            @Nullable PlaintextDoors doors) {
        this.mesh = mesh;
        this.policies = List.copyOf(policies);
        this.engine = PolicySet.of(1, mesh, policies, InstantSource.fixed(at));
        this.space = space;
        this.at = at;
        this.doors = doors;
        for (SymbolicPolicy one : compiled) {
            byNamespace
                    .computeIfAbsent(one.policy().namespace(), key -> new ArrayList<>())
                    .add(one);
        }
    }

    public MeshSettings mesh() {
        return mesh;
    }

    /** As they were written, in their order. */
    public List<AuthorizationPolicy> policies() {
        return policies;
    }

    /** The engine that agents decide with, at the instant of this analysis. */
    public PolicySet engine() {
        return engine;
    }

    public Space space() {
        return space;
    }

    /** Whether the end of a policy has come at the instant of this analysis. */
    boolean hasEnded(AuthorizationPolicy policy) {
        Instant end = policy.validUntil();
        return end != null && !at.isBefore(end);
    }

    /** As {@link #referee(Workload)}, of one that knows one policy of the set and nothing else. */
    Referee referee(AuthorizationPolicy policy, Workload workload) {
        return new Referee(
                PolicySet.of(1, mesh, List.of(policy), InstantSource.fixed(at)), null, workload);
    }

    /** The policies that apply to a workload. */
    List<SymbolicPolicy> applying(Workload workload) {
        List<SymbolicPolicy> applying = new ArrayList<>();
        Set<String> namespaces =
                new LinkedHashSet<>(
                        List.of(
                                workload.namespace(),
                                mesh.rootNamespace(),
                                mesh.istioRootNamespace()));
        for (String namespace : namespaces) {
            for (SymbolicPolicy one : byNamespace.getOrDefault(namespace, List.of())) {
                if (applies(one.policy(), workload)) {
                    applying.add(one);
                }
            }
        }
        return List.copyOf(applying);
    }

    /** What is allowed of one workload. */
    public WorkloadRegions forWorkload(Workload workload) {
        Region shut = doors == null ? Region.NOTHING : doors.refused(workload, space);
        return new WorkloadRegions(applying(workload), mesh, space, shut);
    }

    /** Who confirms witnesses about a workload. */
    Referee referee(Workload workload) {
        return new Referee(engine, doors, workload);
    }

    private boolean applies(AuthorizationPolicy policy, Workload workload) {
        boolean inScope =
                policy.namespace().equals(workload.namespace())
                        || policy.namespace().equals(mesh.rootNamespaceOf(policy.group()));
        return inScope
                && policy.targetRefs().isEmpty()
                && workload.labels().entrySet().containsAll(policy.selector().entrySet());
    }

    /** Compiles sets of policies, a policy that stands in several of them once. */
    public static final class Compiler {

        private final MeshSettings mesh;
        private final Instant at;
        private final Space space;
        private final Map<AuthorizationPolicy, SymbolicPolicy> known = new ConcurrentHashMap<>();

        /**
         * Compiles for one mesh.
         *
         * @param at when; decides which {@code validUntil} have passed
         */
        public Compiler(MeshSettings mesh, Instant at, Space space) {
            this.mesh = mesh;
            this.at = at;
            this.space = space;
        }

        /**
         * A set of policies, where callers without an identity reach all of them.
         *
         * @throws dev.countersign.policy.analysis.text.TooLarge if a rule falls into too many pieces
         */
        public SymbolicPolicies compile(List<AuthorizationPolicy> policies) {
            return compile(policies, null);
        }

        /**
         * A set of policies.
         *
         * @param doors where callers without an identity get as far as the policies; null: everywhere
         * @throws dev.countersign.policy.analysis.text.TooLarge if a rule falls into too many pieces
         */
        public SymbolicPolicies compile(
                List<AuthorizationPolicy> policies, @Nullable PlaintextDoors doors) {
            List<SymbolicPolicy> compiled =
                    policies.parallelStream()
                            .map(one ->
                                    known.computeIfAbsent(
                                            one,
                                            policy -> SymbolicPolicy.of(policy, mesh, at, space)))
                            .toList();
            return new SymbolicPolicies(mesh, policies, at, space, compiled, doors);
        }
    }
}
