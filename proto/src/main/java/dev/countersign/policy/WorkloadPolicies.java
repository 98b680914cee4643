package dev.countersign.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The policies that apply to one workload, ready to decide. Immutable and safe to share between
 * threads.
 *
 * <p>Deciding allocates nothing, unless a CUSTOM policy refuses or a token's claim is a list: the
 * {@link Decision} of each rule is made when this is.
 */
public final class WorkloadPolicies {

    private final Workload workload;
    private final boolean received;
    private final long revision;
    private final PolicyCompiler compiler;
    private final List<CompiledPolicy> applying;
    private final CustomStage custom;

    /** DENY before ALLOW: so the first rule that matches decides. */
    private final Stage enforced;

    private final Stage audit;
    private final Stage dryRun;
    private final Decision unmatched;
    private final Decision badPath;

    /**
     * @param previous what held before for the same workload, of which is kept what still holds;
     *     null: nothing
     */
    WorkloadPolicies(
            Workload workload,
            boolean received,
            long revision,
            PolicyCompiler compiler,
            List<CompiledPolicy> applying,
            @Nullable WorkloadPolicies previous) {
        this.workload = workload;
        this.received = received;
        this.revision = revision;
        this.compiler = compiler;
        this.applying = List.copyOf(applying);
        List<CompiledPolicy> byProvider =
                compiler.dataPlane() == DataPlane.ZTUNNEL
                        ? List.of()
                        : enforced(Action.CUSTOM).stream()
                                .sorted(Comparator.comparing(CompiledPolicy::provider))
                                .toList();
        Stage asking = stage(byProvider, previous == null ? null : previous.custom.stage());
        this.custom = new CustomStage(asking, byProvider, compiler.mesh(), revision);
        List<CompiledPolicy> allow = enforced(Action.ALLOW);
        List<CompiledPolicy> denyThenAllow = new ArrayList<>(enforced(Action.DENY));
        denyThenAllow.addAll(allow);
        this.enforced = stage(denyThenAllow, previous == null ? null : previous.enforced);
        this.audit = stage(enforced(Action.AUDIT), previous == null ? null : previous.audit);
        this.dryRun = stage(dryRuns(), previous == null ? null : previous.dryRun);
        this.unmatched = unmatched(!allow.isEmpty());
        this.badPath = Decision.withoutPolicy(false, revision, Decision.Reason.PATH_NOT_NORMALIZED);
    }

    /** Revision of the set this comes from. */
    public long revision() {
        return revision;
    }

    /** The workload whose policies these are. */
    public Workload workload() {
        return workload;
    }

    /** DENY and ALLOW, as they are looked through. */
    Stage enforced() {
        return enforced;
    }

    /** Whether any applying rule may hold on this port and looks at something of HTTP there. */
    public boolean httpRulesOnPort(int port) {
        return applying.stream()
                .flatMap(policy -> policy.rules(true).stream())
                .anyMatch(rule -> rule.needsHttpOn(port));
    }

    /** Providers of the CUSTOM policies that match; all of them must say yes. */
    public Set<String> providersToAsk(Request request) {
        return custom.providersToAsk(request);
    }

    /** Decides without an answer of any external authorizer. */
    public Decision decide(Request request) {
        return decide(request, ProviderAnswers.NONE);
    }

    /** Decides, in the order that the package describes. Never throws: a fault is a denial. */
    public Decision decide(Request request, ProviderAnswers answers) {
        if (!received) {
            return unmatched;
        }
        try {
            return decideInOrder(request, answers);
        } catch (RuntimeException e) {
            return Decision.withoutPolicy(false, revision, Decision.Reason.EVALUATION_FAULT);
        }
    }

    /** The AUDIT rules that match: they mark a request and decide nothing. */
    public List<Decision> audited(Request request) {
        return audit.matched(request);
    }

    /** The rules of policies in DryRun that match, whatever was decided. */
    public List<Decision> dryRun(Request request) {
        return dryRun.matched(request);
    }

    /** Decides, and retraces how: every policy that applies, each rule, each clause. */
    public Explanation explain(Request request, ProviderAnswers answers) {
        Decision decision = decide(request, answers);
        // What failed once would fail again while it is retraced.
        boolean traceable = received && decision.reason() != Decision.Reason.EVALUATION_FAULT;
        return new Explainer(request).explain(decision, workload, traceable ? applying : List.of());
    }

    /** As {@link #explain(Request, ProviderAnswers)}, without an answer of any provider. */
    public Explanation explain(Request request) {
        return explain(request, ProviderAnswers.NONE);
    }

    private Decision decideInOrder(Request request, ProviderAnswers answers) {
        if (request.isHttp() && !isPathNormal(request)) {
            return badPath;
        }
        Decision decided = custom.refusal(request, answers);
        if (decided == null) {
            decided = enforced.decide(request);
        }
        return decided == null ? unmatched : decided;
    }

    private boolean isPathNormal(Request request) {
        return compiler.dataPlane() == DataPlane.ZTUNNEL
                || request.isPathNormal(compiler.mesh().pathNormalization());
    }

    private Decision unmatched(boolean anyAllow) {
        if (!received) {
            return Decision.withoutPolicy(false, revision, Decision.Reason.NO_POLICY_SOURCE);
        }
        if (anyAllow) {
            return Decision.withoutPolicy(false, revision, Decision.Reason.NO_ALLOW_RULE_MATCHED);
        }
        return switch (compiler.mesh().defaultAction()) {
            case ALLOW ->
                    Decision.withoutPolicy(true, revision, Decision.Reason.ALLOWED_BY_DEFAULT);
            case DENY -> Decision.withoutPolicy(false, revision, Decision.Reason.DENIED_BY_DEFAULT);
        };
    }

    private Stage stage(List<CompiledPolicy> policies, @Nullable Stage previous) {
        return Stage.of(policies, revision, compiler.cover(), previous);
    }

    private List<CompiledPolicy> enforced(Action action) {
        return applying.stream()
                .filter(one -> one.policy().action() == action)
                .filter(one -> one.policy().mode() == PolicyMode.ENFORCE)
                .toList();
    }

    private List<CompiledPolicy> dryRuns() {
        return applying.stream().filter(one -> one.policy().mode() == PolicyMode.DRY_RUN).toList();
    }
}
