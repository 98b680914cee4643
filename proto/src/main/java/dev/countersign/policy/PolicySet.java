package dev.countersign.policy;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A numbered set of policies, compiled. Immutable: a change makes a new set.
 *
 * <p>Two policies may apply to a workload from two namespaces, its own and the root; neither takes
 * precedence, so an owner of a namespace can widen what the root allows and cannot lift what it
 * denies.
 *
 * <p>Compiling costs what changed: {@link #successor} keeps every policy that is still the same, and
 * {@link #forWorkload(Workload, WorkloadPolicies)} keeps the index over them.
 */
public final class PolicySet {

    private final boolean received;
    private final long revision;
    private final PolicyCompiler compiler;
    private final List<CompiledPolicy> policies;

    /** Indices of the policies of each namespace, ascending. */
    private final Map<String, List<Integer>> byNamespace;

    private PolicySet(
            boolean received,
            long revision,
            PolicyCompiler compiler,
            List<CompiledPolicy> policies) {
        this.received = received;
        this.revision = revision;
        this.compiler = compiler;
        this.policies = List.copyOf(policies);
        this.byNamespace = new HashMap<>();
        for (int i = 0; i < policies.size(); i++) {
            byNamespace
                    .computeIfAbsent(policies.get(i).policy().namespace(), n -> new ArrayList<>())
                    .add(i);
        }
    }

    /**
     * What holds before any policy has been received: every request is denied with {@link
     * Decision.Reason#NO_POLICY_SOURCE}. A source that has no policies is {@link #of} with an empty
     * list.
     */
    public static PolicySet empty(MeshSettings mesh) {
        return new PolicySet(
                false, 0, new PolicyCompiler(mesh, DataPlane.SIDECAR, null), List.of());
    }

    /**
     * Compiles a set that knows no time: a policy with {@code validUntil} falls on the safe side,
     * an ALLOW as ended, any other as in force.
     */
    public static PolicySet of(
            long revision, MeshSettings mesh, List<AuthorizationPolicy> policies) {
        return of(revision, new PolicyCompiler(mesh, DataPlane.SIDECAR, null), policies);
    }

    /** Compiles a set whose policies end when their {@code validUntil} passes on this clock. */
    public static PolicySet of(
            long revision,
            MeshSettings mesh,
            List<AuthorizationPolicy> policies,
            InstantSource clock) {
        return of(revision, mesh, DataPlane.SIDECAR, policies, clock);
    }

    /** As {@link #of(long, MeshSettings, List, InstantSource)}, as another data plane reads it. */
    public static PolicySet of(
            long revision,
            MeshSettings mesh,
            DataPlane dataPlane,
            List<AuthorizationPolicy> policies,
            InstantSource clock) {
        return of(revision, new PolicyCompiler(mesh, dataPlane, clock), policies);
    }

    static PolicySet of(
            long revision, PolicyCompiler compiler, List<AuthorizationPolicy> policies) {
        return new PolicySet(
                true, revision, compiler, policies.stream().map(compiler::compile).toList());
    }

    /**
     * The next set, on the same clock and data plane: compiles the policies that are new or not what
     * they were, and keeps the rest.
     */
    public PolicySet successor(
            long nextRevision, MeshSettings mesh, List<AuthorizationPolicy> next) {
        if (!mesh.equals(compiler.mesh())) {
            return of(
                    nextRevision,
                    new PolicyCompiler(mesh, compiler.dataPlane(), compiler.clock()),
                    next);
        }
        Map<Name, CompiledPolicy> known = HashMap.newHashMap(policies.size());
        policies.forEach(one -> known.put(Name.of(one.policy()), one));
        List<CompiledPolicy> compiled = new ArrayList<>(next.size());
        for (AuthorizationPolicy policy : next) {
            CompiledPolicy held = known.get(Name.of(policy));
            compiled.add(
                    held != null && held.policy().equals(policy) ? held : compiler.compile(policy));
        }
        return new PolicySet(true, nextRevision, compiler, compiled);
    }

    /** Number of this state of the policies; grows with each change. */
    public long revision() {
        return revision;
    }

    public MeshSettings mesh() {
        return compiler.mesh();
    }

    /** Every policy of the set, as written. */
    public List<AuthorizationPolicy> policies() {
        return policies.stream().map(CompiledPolicy::policy).toList();
    }

    /** The policies that apply to a workload, as written: what its agent needs and no more. */
    public List<AuthorizationPolicy> applicableTo(Workload workload) {
        return applying(workload).stream().map(CompiledPolicy::policy).toList();
    }

    /**
     * What decides for one workload: an index over the policies that apply. Keep it as long as the
     * set and the workload stay the same.
     */
    public WorkloadPolicies forWorkload(Workload workload) {
        return forWorkload(workload, compiler, null);
    }

    /**
     * As {@link #forWorkload(Workload)}, with what is still the same of the index that decided
     * before.
     *
     * @param previous of a set that this is a {@link #successor} of; of another set it helps nothing
     *     and harms nothing
     */
    public WorkloadPolicies forWorkload(Workload workload, WorkloadPolicies previous) {
        return forWorkload(workload, compiler, previous);
    }

    /** Decides one request, trying every rule; for many, keep {@link #forWorkload}. */
    public Decision decide(Workload workload, Request request) {
        return forWorkload(workload, compiler.unindexed(), null).decide(request);
    }

    /** Decides one request and retraces how. */
    public Explanation explain(Workload workload, Request request) {
        return forWorkload(workload, compiler.unindexed(), null).explain(request);
    }

    private WorkloadPolicies forWorkload(
            Workload workload, PolicyCompiler how, @Nullable WorkloadPolicies previous) {
        return new WorkloadPolicies(
                workload, received, revision, how, applying(workload), previous);
    }

    private List<CompiledPolicy> applying(Workload workload) {
        Set<String> namespaces =
                new HashSet<>(
                        List.of(
                                workload.namespace(),
                                mesh().rootNamespaceOf(ApiGroup.COUNTERSIGN),
                                mesh().rootNamespaceOf(ApiGroup.ISTIO)));
        return namespaces.stream()
                .flatMap(namespace -> byNamespace.getOrDefault(namespace, List.of()).stream())
                .sorted()
                .map(policies::get)
                .filter(one -> applies(one.policy(), workload))
                .toList();
    }

    private boolean applies(AuthorizationPolicy policy, Workload workload) {
        boolean inScope =
                policy.namespace().equals(workload.namespace())
                        || policy.namespace().equals(mesh().rootNamespaceOf(policy.group()));
        return inScope
                && policy.targetRefs().isEmpty()
                && workload.labels().entrySet().containsAll(policy.selector().entrySet());
    }

    /** By what a policy is told apart; two of one name are compared whole. */
    private record Name(ApiGroup group, String namespace, String name) {
        static Name of(AuthorizationPolicy policy) {
            return new Name(policy.group(), policy.namespace(), policy.name());
        }
    }
}
