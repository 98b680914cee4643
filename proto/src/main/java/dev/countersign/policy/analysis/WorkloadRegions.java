package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Fact;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Truth;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What the policies that apply to one workload allow, as sets of requests. The steps are those of a
 * decision, in the same order.
 */
public final class WorkloadRegions {

    private final List<SymbolicPolicy> applying;
    private final MeshSettings mesh;
    private final Space space;
    private final Region shut;
    private final boolean tooManyProviders;

    /**
     * What these policies allow.
     *
     * @param shut what is refused before any policy
     */
    WorkloadRegions(List<SymbolicPolicy> applying, MeshSettings mesh, Space space, Region shut) {
        this.applying = applying;
        this.mesh = mesh;
        this.space = space;
        this.shut = shut;
        long providers =
                enforced(Action.CUSTOM).stream()
                        .map(WorkloadRegions::provider)
                        .collect(Collectors.toSet())
                        .size();
        this.tooManyProviders = !mesh.multipleCustomProviders() && providers > 1;
    }

    List<SymbolicPolicy> applying() {
        return applying;
    }

    /** The policies of an action that take part in decisions. */
    List<SymbolicPolicy> enforced(Action action) {
        return applying.stream()
                .filter(one -> one.policy().action() == action && one.enforced())
                .toList();
    }

    /** The rules of an action that take part in decisions, those of ended policies left out. */
    List<SymbolicRule> rules(Action action) {
        return enforced(action).stream()
                .filter(one -> !one.ended())
                .flatMap(one -> one.rules().stream())
                .toList();
    }

    /** Of these requests those that are allowed. */
    public Region allowed(boolean http, Region of) {
        Region left = space.minus(of.and(admitted(http)), shut);
        if (http) {
            left = space.minus(left, space.refusedPaths());
        }
        left = space.minus(left, refusedByProviders(http));
        return space.minus(left, denied(http));
    }

    /** What is refused before any policy: plaintext where mutual TLS is a must. */
    Region shut() {
        return shut;
    }

    /** What step 3 refuses: the requests that a DENY rule matches. */
    Region denied(boolean http) {
        return matched(Action.DENY, http);
    }

    /** What steps 4 and 5 let in. */
    Region admitted(boolean http) {
        if (enforced(Action.ALLOW).isEmpty()) {
            return mesh.defaultAction() == DefaultAction.ALLOW ? Region.EVERYTHING : Region.NOTHING;
        }
        return matched(Action.ALLOW, http);
    }

    /** What step 2 refuses, the answers of providers being facts. */
    Region refusedByProviders(boolean http) {
        Region refused = Region.NOTHING;
        for (SymbolicPolicy policy : enforced(Action.CUSTOM)) {
            refused = refused.or(refusedBy(policy, http));
        }
        return refused;
    }

    private Region refusedBy(SymbolicPolicy policy, boolean http) {
        ExternalAuthorizer authorizer = mesh.externalAuthorizers().get(provider(policy));
        Region matched = policy.matched(http);
        if (authorizer == null || tooManyProviders) {
            return matched;
        }
        if (authorizer.type() == ExternalAuthorizer.Type.HTTP && !http) {
            // Istio leaves CUSTOM policies with an HTTP provider out on TCP.
            return policy.strict() ? matched : Region.NOTHING;
        }
        Dimension says = new Dimension.Opaque(new Fact.ProviderAllows(authorizer.name()));
        return matched.and(Region.of(Objects.requireNonNull(Box.of(says, Truth.NO))));
    }

    private Region matched(Action action, boolean http) {
        Region all = Region.NOTHING;
        for (SymbolicPolicy policy : enforced(action)) {
            all = all.or(policy.matched(http));
        }
        return all;
    }

    private static String provider(SymbolicPolicy policy) {
        return Objects.requireNonNullElse(policy.policy().provider(), "");
    }
}
