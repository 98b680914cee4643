package dev.countersign.policy.reference;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.Decision;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The policies that apply to one workload, tried one after the other. */
public final class ReferencePolicies {

    private final long revision;
    private final MeshSettings mesh;
    private final DataPlane dataPlane;
    private final List<CompiledPolicy> applying;
    private final List<CompiledPolicy> custom;

    public ReferencePolicies(
            long revision,
            MeshSettings mesh,
            DataPlane dataPlane,
            List<AuthorizationPolicy> policies,
            InstantSource clock,
            Workload workload) {
        this.revision = revision;
        this.mesh = mesh;
        this.dataPlane = dataPlane;
        this.applying =
                policies.stream()
                        .filter(one -> applies(one, workload))
                        .map(one -> new CompiledPolicy(one, mesh, dataPlane, clock))
                        .toList();
        this.custom =
                dataPlane == DataPlane.ZTUNNEL
                        ? List.of()
                        : enforced(Action.CUSTOM).stream()
                                .sorted(Comparator.comparing(ReferencePolicies::provider))
                                .toList();
    }

    /** As {@code WorkloadPolicies.decide}. */
    public Decision decide(Request request, ProviderAnswers answers) {
        if (request.isHttp() && !isPathNormal(request)) {
            return without(false, Decision.Reason.PATH_NOT_NORMALIZED);
        }
        Decision refused = decideCustom(request, answers);
        if (refused != null) {
            return refused;
        }
        for (CompiledPolicy policy : enforced(Action.DENY)) {
            int rule = policy.firstMatch(request);
            if (rule >= 0) {
                return by(policy, rule, false, Decision.Reason.DENY_RULE_MATCHED);
            }
        }
        List<CompiledPolicy> allow = enforced(Action.ALLOW);
        if (allow.isEmpty()) {
            return switch (mesh.defaultAction()) {
                case ALLOW -> without(true, Decision.Reason.ALLOWED_BY_DEFAULT);
                case DENY -> without(false, Decision.Reason.DENIED_BY_DEFAULT);
            };
        }
        for (CompiledPolicy policy : allow) {
            int rule = policy.firstMatch(request);
            if (rule >= 0) {
                return by(policy, rule, true, Decision.Reason.ALLOW_RULE_MATCHED);
            }
        }
        return without(false, Decision.Reason.NO_ALLOW_RULE_MATCHED);
    }

    /** As {@code WorkloadPolicies.providersToAsk}. */
    public Set<String> providersToAsk(Request request) {
        Set<String> names = new TreeSet<>();
        for (CompiledPolicy policy : custom) {
            if (providerFault(policy, request) == null && policy.firstMatch(request) >= 0) {
                names.add(provider(policy));
            }
        }
        return names;
    }

    /** As {@code WorkloadPolicies.audited}. */
    public List<Decision> audited(Request request) {
        return matched(enforced(Action.AUDIT), request);
    }

    /** As {@code WorkloadPolicies.dryRun}. */
    public List<Decision> dryRun(Request request) {
        return matched(
                applying.stream().filter(one -> one.policy().mode() == PolicyMode.DRY_RUN).toList(),
                request);
    }

    private @Nullable Decision decideCustom(Request request, ProviderAnswers answers) {
        for (CompiledPolicy policy : custom) {
            Decision.Reason fault = providerFault(policy, request);
            boolean ignored =
                    !policy.strict() && fault == Decision.Reason.CUSTOM_PROVIDER_NEEDS_HTTP;
            int rule = ignored ? -1 : policy.firstMatch(request);
            if (rule < 0) {
                continue;
            }
            if (fault == null) {
                fault =
                        switch (answers.of(provider(policy))) {
                            case ALLOW -> null;
                            case DENY -> Decision.Reason.CUSTOM_PROVIDER_DENIED;
                            case UNAVAILABLE -> Decision.Reason.CUSTOM_PROVIDER_UNAVAILABLE;
                        };
            }
            if (fault != null) {
                return by(policy, rule, false, fault);
            }
        }
        return null;
    }

    private Decision.@Nullable Reason providerFault(CompiledPolicy policy, Request request) {
        boolean tooMany =
                !mesh.multipleCustomProviders()
                        && custom.stream()
                                        .map(ReferencePolicies::provider)
                                        .collect(Collectors.toSet())
                                        .size()
                                > 1;
        ExternalAuthorizer authorizer = mesh.externalAuthorizers().get(provider(policy));
        if (authorizer == null || tooMany) {
            return Decision.Reason.CUSTOM_PROVIDER_UNDEFINED;
        }
        return authorizer.type() == ExternalAuthorizer.Type.HTTP && !request.isHttp()
                ? Decision.Reason.CUSTOM_PROVIDER_NEEDS_HTTP
                : null;
    }

    private boolean isPathNormal(Request request) {
        String path = request.path();
        return dataPlane == DataPlane.ZTUNNEL
                || path == null
                || PathNormalizer.isNormal(mesh.pathNormalization(), path);
    }

    private boolean applies(AuthorizationPolicy policy, Workload workload) {
        boolean inScope =
                policy.namespace().equals(workload.namespace())
                        || policy.namespace().equals(mesh.rootNamespaceOf(policy.group()));
        return inScope
                && policy.targetRefs().isEmpty()
                && workload.labels().entrySet().containsAll(policy.selector().entrySet());
    }

    private List<Decision> matched(List<CompiledPolicy> policies, Request request) {
        List<Decision> matched = new ArrayList<>();
        for (CompiledPolicy policy : policies) {
            int rule = policy.firstMatch(request);
            if (rule >= 0) {
                Action action = policy.policy().action();
                matched.add(by(policy, rule, action == Action.ALLOW, reasonOf(action)));
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

    private List<CompiledPolicy> enforced(Action action) {
        return applying.stream()
                .filter(one -> one.policy().action() == action)
                .filter(one -> one.policy().mode() == PolicyMode.ENFORCE)
                .toList();
    }

    private static String provider(CompiledPolicy policy) {
        return Objects.requireNonNullElse(policy.policy().provider(), "");
    }

    private Decision by(CompiledPolicy by, int rule, boolean allowed, Decision.Reason reason) {
        AuthorizationPolicy policy = by.policy();
        return new Decision(
                allowed,
                policy.action(),
                policy.namespace(),
                policy.name(),
                rule,
                revision,
                reason,
                by.ruleId(rule));
    }

    private Decision without(boolean allowed, Decision.Reason reason) {
        return new Decision(allowed, null, null, null, -1, revision, reason);
    }
}
