package dev.countersign.policy;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A numbered set of policies, compiled. Immutable: a change makes a new set.
 *
 * <p>Two policies may apply to a workload from two namespaces, its own and the root; neither takes
 * precedence, so an owner of a namespace can widen what the root allows and cannot lift what it
 * denies.
 */
public final class PolicySet {

    private final boolean received;
    private final long revision;
    private final MeshSettings mesh;
    private final DataPlane dataPlane;
    private final List<CompiledPolicy> policies;

    private PolicySet(
            boolean received,
            long revision,
            MeshSettings mesh,
            DataPlane dataPlane,
            List<CompiledPolicy> policies) {
        this.received = received;
        this.revision = revision;
        this.mesh = mesh;
        this.dataPlane = dataPlane;
        this.policies = List.copyOf(policies);
    }

    /**
     * What holds before any policy has been received: every request is denied with {@link
     * Decision.Reason#NO_POLICY_SOURCE}. A source that has no policies is {@link #of} with an empty
     * list.
     */
    public static PolicySet empty(MeshSettings mesh) {
        return new PolicySet(false, 0, mesh, DataPlane.SIDECAR, List.of());
    }

    /**
     * Compiles a set that knows no time: a policy with {@code validUntil} falls on the safe side,
     * an ALLOW as ended, any other as in force.
     */
    public static PolicySet of(
            long revision, MeshSettings mesh, List<AuthorizationPolicy> policies) {
        return compile(revision, mesh, DataPlane.SIDECAR, policies, null);
    }

    /** Compiles a set whose policies end when their {@code validUntil} passes on this clock. */
    public static PolicySet of(
            long revision,
            MeshSettings mesh,
            List<AuthorizationPolicy> policies,
            InstantSource clock) {
        return compile(revision, mesh, DataPlane.SIDECAR, policies, clock);
    }

    /** As {@link #of(long, MeshSettings, List, InstantSource)}, as another data plane reads it. */
    public static PolicySet of(
            long revision,
            MeshSettings mesh,
            DataPlane dataPlane,
            List<AuthorizationPolicy> policies,
            InstantSource clock) {
        return compile(revision, mesh, dataPlane, policies, clock);
    }

    /** Number of this state of the policies; grows with each change. */
    public long revision() {
        return revision;
    }

    public MeshSettings mesh() {
        return mesh;
    }

    /** Every policy of the set, as written. */
    public List<AuthorizationPolicy> policies() {
        return policies.stream().map(CompiledPolicy::policy).toList();
    }

    /** The policies that apply to a workload, as written: what its agent needs and no more. */
    public List<AuthorizationPolicy> applicableTo(Workload workload) {
        return applying(workload).stream().map(CompiledPolicy::policy).toList();
    }

    /** What decides for one workload; keep it as long as the set and the workload stay the same. */
    public WorkloadPolicies forWorkload(Workload workload) {
        return new WorkloadPolicies(
                workload, received, revision, mesh, dataPlane, applying(workload));
    }

    /** Decides one request; for many, keep {@link #forWorkload}. */
    public Decision decide(Workload workload, Request request) {
        return forWorkload(workload).decide(request);
    }

    /** Decides one request and retraces how. */
    public Explanation explain(Workload workload, Request request) {
        return forWorkload(workload).explain(request);
    }

    private List<CompiledPolicy> applying(Workload workload) {
        return policies.stream().filter(one -> applies(one.policy(), workload)).toList();
    }

    private boolean applies(AuthorizationPolicy policy, Workload workload) {
        boolean inScope =
                policy.namespace().equals(workload.namespace())
                        || policy.namespace().equals(mesh.rootNamespaceOf(policy.group()));
        return inScope
                && policy.targetRefs().isEmpty()
                && workload.labels().entrySet().containsAll(policy.selector().entrySet());
    }

    private static PolicySet compile(
            long revision,
            MeshSettings mesh,
            DataPlane dataPlane,
            List<AuthorizationPolicy> policies,
            @Nullable InstantSource clock) {
        List<CompiledPolicy> compiled =
                policies.stream()
                        .map(one -> new CompiledPolicy(one, mesh, dataPlane, clock))
                        .toList();
        return new PolicySet(true, revision, mesh, dataPlane, compiled);
    }
}
