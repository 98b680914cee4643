package dev.countersign.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The policies that apply to one workload, ready to decide. Immutable and safe to share between
 * threads.
 */
public final class WorkloadPolicies {

    private final Workload workload;
    private final boolean received;
    private final long revision;
    private final MeshSettings mesh;
    private final DataPlane dataPlane;
    private final List<CompiledPolicy> applying;
    private final List<CompiledPolicy> custom;
    private final List<CompiledPolicy> deny;
    private final List<CompiledPolicy> allow;
    private final boolean tooManyProviders;

    WorkloadPolicies(
            Workload workload,
            boolean received,
            long revision,
            MeshSettings mesh,
            DataPlane dataPlane,
            List<CompiledPolicy> applying) {
        this.workload = workload;
        this.received = received;
        this.revision = revision;
        this.mesh = mesh;
        this.dataPlane = dataPlane;
        this.applying = List.copyOf(applying);
        this.custom =
                dataPlane == DataPlane.ZTUNNEL ? List.of() : byProvider(enforced(Action.CUSTOM));
        this.deny = enforced(Action.DENY);
        this.allow = enforced(Action.ALLOW);
        this.tooManyProviders = !mesh.multipleCustomProviders() && providers(custom).size() > 1;
    }

    /** Revision of the set this comes from. */
    public long revision() {
        return revision;
    }

    /** Whether any applying rule may hold on this port and looks at something of HTTP there. */
    public boolean httpRulesOnPort(int port) {
        return applying.stream()
                .flatMap(policy -> policy.rules(true).stream())
                .anyMatch(rule -> rule.needsHttpOn(port));
    }

    /** Providers of the CUSTOM policies that match; all of them must say yes. */
    public Set<String> providersToAsk(Request request) {
        Set<String> names = new TreeSet<>();
        for (CompiledPolicy policy : custom) {
            if (providerFault(policy, request) == null
                    && !isIgnored(policy, request)
                    && policy.firstMatch(request) >= 0) {
                names.add(provider(policy));
            }
        }
        return names;
    }

    /** Decides without an answer of any external authorizer. */
    public Decision decide(Request request) {
        return decide(request, ProviderAnswers.NONE);
    }

    /** Decides, in the order that the package describes. Never throws: a fault is a denial. */
    public Decision decide(Request request, ProviderAnswers answers) {
        if (!received) {
            return Decision.withoutPolicy(false, revision, Decision.Reason.NO_POLICY_SOURCE);
        }
        try {
            return decideInOrder(request, answers);
        } catch (RuntimeException e) {
            return Decision.withoutPolicy(false, revision, Decision.Reason.EVALUATION_FAULT);
        }
    }

    /** The AUDIT rules that match: they mark a request and decide nothing. */
    public List<Decision> audited(Request request) {
        return matched(enforced(Action.AUDIT), request);
    }

    /** The rules of policies in DryRun that match, whatever was decided. */
    public List<Decision> dryRun(Request request) {
        return matched(
                applying.stream().filter(one -> one.policy().mode() == PolicyMode.DRY_RUN).toList(),
                request);
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
            return Decision.withoutPolicy(false, revision, Decision.Reason.PATH_NOT_NORMALIZED);
        }
        Decision refused = decideCustom(request, answers);
        if (refused != null) {
            return refused;
        }
        for (int i = 0; i < deny.size(); i++) {
            int rule = deny.get(i).firstMatch(request);
            if (rule >= 0) {
                return by(deny.get(i), rule, false, Decision.Reason.DENY_RULE_MATCHED);
            }
        }
        return decideAllow(request);
    }

    private Decision decideAllow(Request request) {
        if (allow.isEmpty()) {
            return switch (mesh.defaultAction()) {
                case ALLOW ->
                        Decision.withoutPolicy(true, revision, Decision.Reason.ALLOWED_BY_DEFAULT);
                case DENY ->
                        Decision.withoutPolicy(false, revision, Decision.Reason.DENIED_BY_DEFAULT);
            };
        }
        for (int i = 0; i < allow.size(); i++) {
            int rule = allow.get(i).firstMatch(request);
            if (rule >= 0) {
                return by(allow.get(i), rule, true, Decision.Reason.ALLOW_RULE_MATCHED);
            }
        }
        return Decision.withoutPolicy(false, revision, Decision.Reason.NO_ALLOW_RULE_MATCHED);
    }

    private @Nullable Decision decideCustom(Request request, ProviderAnswers answers) {
        for (int i = 0; i < custom.size(); i++) {
            CompiledPolicy policy = custom.get(i);
            int rule = isIgnored(policy, request) ? -1 : policy.firstMatch(request);
            if (rule < 0) {
                continue;
            }
            Decision.Reason fault = providerFault(policy, request);
            if (fault == null) {
                fault = faultOf(answers.of(provider(policy)));
            }
            if (fault != null) {
                return by(policy, rule, false, fault);
            }
        }
        return null;
    }

    private static Decision.@Nullable Reason faultOf(ProviderAnswers.Answer answer) {
        return switch (answer) {
            case ALLOW -> null;
            case DENY -> Decision.Reason.CUSTOM_PROVIDER_DENIED;
            case UNAVAILABLE -> Decision.Reason.CUSTOM_PROVIDER_UNAVAILABLE;
        };
    }

    private Decision.@Nullable Reason providerFault(CompiledPolicy policy, Request request) {
        ExternalAuthorizer authorizer = mesh.externalAuthorizers().get(provider(policy));
        if (authorizer == null || tooManyProviders) {
            return Decision.Reason.CUSTOM_PROVIDER_UNDEFINED;
        }
        return authorizer.type() == ExternalAuthorizer.Type.HTTP && !request.isHttp()
                ? Decision.Reason.CUSTOM_PROVIDER_NEEDS_HTTP
                : null;
    }

    /** Istio leaves CUSTOM policies with an HTTP provider out on TCP. */
    private boolean isIgnored(CompiledPolicy policy, Request request) {
        return !policy.strict()
                && providerFault(policy, request) == Decision.Reason.CUSTOM_PROVIDER_NEEDS_HTTP;
    }

    private boolean isPathNormal(Request request) {
        String path = request.path();
        return dataPlane == DataPlane.ZTUNNEL
                || path == null
                || PathNormalizer.isNormal(mesh.pathNormalization(), path);
    }

    private List<Decision> matched(List<CompiledPolicy> policies, Request request) {
        List<Decision> matched = new ArrayList<>();
        for (CompiledPolicy policy : policies) {
            int rule = policy.firstMatch(request);
            if (rule >= 0) {
                boolean allows = policy.policy().action() == Action.ALLOW;
                matched.add(by(policy, rule, allows, reasonOf(policy.policy().action())));
            }
        }
        return matched;
    }

    private static Decision.Reason reasonOf(Action action) {
        return switch (action) {
            case ALLOW -> Decision.Reason.ALLOW_RULE_MATCHED;
            case DENY -> Decision.Reason.DENY_RULE_MATCHED;
            case AUDIT -> Decision.Reason.AUDIT_RULE_MATCHED;
            case CUSTOM -> Decision.Reason.CUSTOM_PROVIDER_UNAVAILABLE;
        };
    }

    private Decision by(CompiledPolicy policy, int rule, boolean allowed, Decision.Reason reason) {
        return Decision.byPolicy(
                allowed, policy.policy(), rule, policy.ruleId(rule), revision, reason);
    }

    private List<CompiledPolicy> enforced(Action action) {
        return applying.stream()
                .filter(one -> one.policy().action() == action)
                .filter(one -> one.policy().mode() == PolicyMode.ENFORCE)
                .toList();
    }

    private static List<CompiledPolicy> byProvider(List<CompiledPolicy> policies) {
        return policies.stream().sorted(Comparator.comparing(WorkloadPolicies::provider)).toList();
    }

    private static Set<String> providers(List<CompiledPolicy> policies) {
        return policies.stream().map(WorkloadPolicies::provider).collect(Collectors.toSet());
    }

    private static String provider(CompiledPolicy policy) {
        return Objects.requireNonNullElse(policy.policy().provider(), "");
    }
}
