package dev.countersign.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The policies that are looked at together, in order, with every decision they can make. */
final class Stage {

    private final List<CompiledPolicy> policies;
    private final Lane http;
    private final Lane tcp;

    /** By position of the policy and index of the rule; made beforehand, so that deciding makes none. */
    private final Decision[][] decisions;

    private Stage(List<CompiledPolicy> policies, Lane http, Lane tcp, long revision) {
        this.policies = List.copyOf(policies);
        this.http = http;
        this.tcp = tcp;
        this.decisions =
                policies.stream()
                        .map(policy -> decisions(policy, revision))
                        .toArray(Decision[][]::new);
    }

    /**
     * Indexes policies.
     *
     * @param previous what held before, of which is kept what still is; null: nothing
     */
    static Stage of(
            List<CompiledPolicy> policies,
            long revision,
            Function<CompiledRule, Map<Facet, List<Key>>> cover,
            @Nullable Stage previous) {
        Lane tcp =
                previous == null
                        ? Lane.of(policies, false, cover)
                        : previous.tcp.successor(policies);
        boolean same = policies.stream().allMatch(Stage::hasTheSameRulesForBoth);
        Lane http =
                same
                        ? tcp
                        : previous == null || previous.http == previous.tcp
                                ? Lane.of(policies, true, cover)
                                : previous.http.successor(policies);
        return new Stage(policies, http, tcp, revision);
    }

    /** What finds the rules for HTTP. */
    Lane http() {
        return http;
    }

    /** The policy at a position. */
    CompiledPolicy policy(int position) {
        return policies.get(position);
    }

    /** The first match among the policies from a position on, as {@link Lane} numbers it. */
    long first(Request request, int position) {
        return policies.isEmpty()
                ? Lane.NONE
                : (request.isHttp() ? http : tcp).first(request, position);
    }

    /** What the first policy that matches says, or null. Allocates nothing. */
    @Nullable Decision decide(Request request) {
        long match = first(request, 0);
        return match == Lane.NONE ? null : decision(match);
    }

    /** What each policy that matches says. */
    List<Decision> matched(Request request) {
        long match = first(request, 0);
        if (match == Lane.NONE) {
            return List.of();
        }
        List<Decision> matched = new ArrayList<>();
        while (match != Lane.NONE) {
            matched.add(decision(match));
            match = first(request, Lane.position(match) + 1);
        }
        return matched;
    }

    private Decision decision(long match) {
        return decisions[Lane.position(match)][Lane.rule(match)];
    }

    // The very object: what was compiled once for both kinds is held once.
    @SuppressWarnings("ReferenceEquality")
    private static boolean hasTheSameRulesForBoth(CompiledPolicy policy) {
        return policy.rules(true) == policy.rules(false);
    }

    private static Decision[] decisions(CompiledPolicy policy, long revision) {
        Action action = policy.policy().action();
        Decision[] decisions = new Decision[policy.policy().rules().size()];
        for (int rule = 0; rule < decisions.length; rule++) {
            decisions[rule] =
                    Decision.byPolicy(
                            action == Action.ALLOW,
                            policy.policy(),
                            rule,
                            policy.ruleId(rule),
                            revision,
                            reasonOf(action));
        }
        return decisions;
    }

    private static Decision.Reason reasonOf(Action action) {
        return switch (action) {
            case ALLOW -> Decision.Reason.ALLOW_RULE_MATCHED;
            case DENY -> Decision.Reason.DENY_RULE_MATCHED;
            case AUDIT -> Decision.Reason.AUDIT_RULE_MATCHED;
            case CUSTOM -> Decision.Reason.CUSTOM_PROVIDER_UNAVAILABLE;
        };
    }
}
