package dev.countersign.policy;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One policy, compiled once for HTTP and once for TCP. */
final class CompiledPolicy {

    private final AuthorizationPolicy policy;
    private final List<CompiledRule> httpRules;
    private final List<CompiledRule> tcpRules;
    private final List<String> ruleIds;
    private final boolean strict;
    private final @Nullable Expiry expiry;
    private final @Nullable InstantSource clock;

    CompiledPolicy(AuthorizationPolicy policy, PolicyCompiler compiler) {
        DataPlane dataPlane = compiler.dataPlane();
        ClauseCompiler clauses = new ClauseCompiler(policy, compiler.mesh(), dataPlane);
        this.policy = policy;
        this.tcpRules =
                compile(
                        new RuleCompiler(policy, dataPlane, false, clauses),
                        policy,
                        compiler.finish());
        this.httpRules =
                dataPlane == DataPlane.ZTUNNEL
                        ? tcpRules
                        : shared(
                                compile(
                                        new RuleCompiler(policy, dataPlane, true, clauses),
                                        policy,
                                        compiler.finish()),
                                tcpRules);
        this.ruleIds = IntStream.range(0, policy.rules().size()).mapToObj(policy::ruleId).toList();
        this.strict = clauses.strict();
        this.expiry = policy.validUntil() == null ? null : new Expiry(policy.validUntil());
        this.clock = compiler.clock();
    }

    AuthorizationPolicy policy() {
        return policy;
    }

    /** Of the rule at this place in the policy. */
    String ruleId(int index) {
        return ruleIds.get(index);
    }

    boolean strict() {
        return strict;
    }

    /** The rules that can match on such a connection, in their order. */
    List<CompiledRule> rules(boolean http) {
        return http ? httpRules : tcpRules;
    }

    /** Name of the external authorizer that a CUSTOM policy asks; empty where it names none. */
    String provider() {
        return Objects.requireNonNullElse(policy.provider(), "");
    }

    /** Index of the first rule that matches, or -1. */
    int firstMatch(Request request) {
        for (CompiledRule rule : rules(request.isHttp())) {
            if (rule.matches(request)) {
                return hasEnded() ? -1 : rule.index();
            }
        }
        return -1;
    }

    /** Whether {@code validUntil} has passed. */
    boolean hasEnded() {
        if (expiry == null) {
            return false;
        }
        return clock == null ? policy.action() == Action.ALLOW : expiry.hasPassed(clock);
    }

    private static List<CompiledRule> compile(
            RuleCompiler compiler, AuthorizationPolicy policy, UnaryOperator<CompiledRule> finish) {
        List<CompiledRule> rules = new ArrayList<>();
        for (int i = 0; i < policy.rules().size(); i++) {
            compiler.compile(i, policy.rules().get(i)).map(finish).ifPresent(rules::add);
        }
        return List.copyOf(rules);
    }

    /** Where both kinds of connection have the same rule it is held once. */
    private static List<CompiledRule> shared(List<CompiledRule> rules, List<CompiledRule> held) {
        if (rules.equals(held)) {
            return held;
        }
        Map<Integer, CompiledRule> byIndex = HashMap.newHashMap(held.size());
        held.forEach(rule -> byIndex.put(rule.index(), rule));
        return rules.stream()
                .map(rule ->
                        rule.equals(byIndex.get(rule.index())) ? byIndex.get(rule.index()) : rule)
                .toList();
    }
}
