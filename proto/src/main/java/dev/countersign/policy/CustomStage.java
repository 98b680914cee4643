package dev.countersign.policy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The CUSTOM policies, in the order of their providers' names. */
final class CustomStage {

    private final Stage stage;
    private final MeshSettings mesh;
    private final boolean tooManyProviders;
    private final long revision;

    CustomStage(Stage stage, List<CompiledPolicy> policies, MeshSettings mesh, long revision) {
        this.stage = stage;
        this.mesh = mesh;
        this.tooManyProviders =
                !mesh.multipleCustomProviders()
                        && policies.stream().map(CompiledPolicy::provider).distinct().count() > 1;
        this.revision = revision;
    }

    /** The stage itself, for its successor. */
    Stage stage() {
        return stage;
    }

    /** Providers of the policies that match, in the order of their names. */
    Set<String> providersToAsk(Request request) {
        long match = stage.first(request, 0);
        if (match == Lane.NONE) {
            return Set.of();
        }
        Set<String> names = new TreeSet<>();
        while (match != Lane.NONE) {
            CompiledPolicy policy = stage.policy(Lane.position(match));
            if (faultOf(policy, request) == null) {
                names.add(policy.provider());
            }
            match = stage.first(request, Lane.position(match) + 1);
        }
        return names;
    }

    /** The first refusal, or null where no policy matches whose provider does not say yes. */
    @Nullable Decision refusal(Request request, ProviderAnswers answers) {
        long match = stage.first(request, 0);
        while (match != Lane.NONE) {
            CompiledPolicy policy = stage.policy(Lane.position(match));
            Decision.Reason fault =
                    isIgnored(policy, request) ? null : fault(policy, request, answers);
            if (fault != null) {
                return Decision.byPolicy(
                        false,
                        policy.policy(),
                        Lane.rule(match),
                        policy.ruleId(Lane.rule(match)),
                        revision,
                        fault);
            }
            match = stage.first(request, Lane.position(match) + 1);
        }
        return null;
    }

    private Decision.@Nullable Reason fault(
            CompiledPolicy policy, Request request, ProviderAnswers answers) {
        Decision.Reason fault = faultOf(policy, request);
        return fault != null ? fault : faultOf(answers.of(policy.provider()));
    }

    private static Decision.@Nullable Reason faultOf(ProviderAnswers.Answer answer) {
        return switch (answer) {
            case ALLOW -> null;
            case DENY -> Decision.Reason.CUSTOM_PROVIDER_DENIED;
            case UNAVAILABLE -> Decision.Reason.CUSTOM_PROVIDER_UNAVAILABLE;
        };
    }

    private Decision.@Nullable Reason faultOf(CompiledPolicy policy, Request request) {
        ExternalAuthorizer authorizer = mesh.externalAuthorizers().get(policy.provider());
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
                && faultOf(policy, request) == Decision.Reason.CUSTOM_PROVIDER_NEEDS_HTTP;
    }
}
