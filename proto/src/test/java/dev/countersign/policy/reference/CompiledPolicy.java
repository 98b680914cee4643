package dev.countersign.policy.reference;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Request;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One policy, compiled once for HTTP and once for TCP. */
final class CompiledPolicy {

    private final AuthorizationPolicy policy;
    private final List<CompiledRule> httpRules;
    private final List<CompiledRule> tcpRules;
    private final boolean strict;
    private final List<String> ruleIds;
    private final @Nullable InstantSource clock;

    /**
     * @param clock tells when the policy has ended; null: an ALLOW that has an end counts as ended
     *     and anything else that has one as in force
     */
    CompiledPolicy(
            AuthorizationPolicy policy,
            MeshSettings mesh,
            DataPlane dataPlane,
            @Nullable InstantSource clock) {
        ClauseCompiler clauses = new ClauseCompiler(policy, mesh, dataPlane);
        this.policy = policy;
        this.tcpRules = compile(new RuleCompiler(policy, dataPlane, false, clauses), policy);
        this.httpRules =
                dataPlane == DataPlane.ZTUNNEL
                        ? tcpRules
                        : compile(new RuleCompiler(policy, dataPlane, true, clauses), policy);
        this.strict = clauses.strict();
        this.ruleIds = IntStream.range(0, policy.rules().size()).mapToObj(policy::ruleId).toList();
        this.clock = clock;
    }

    AuthorizationPolicy policy() {
        return policy;
    }

    String ruleId(int rule) {
        return ruleIds.get(rule);
    }

    boolean strict() {
        return strict;
    }

    /** The rules that can match on such a connection, in their order. */
    List<CompiledRule> rules(boolean http) {
        return http ? httpRules : tcpRules;
    }

    /** Index of the first rule that matches, or -1. */
    int firstMatch(Request request) {
        List<CompiledRule> rules = rules(request.isHttp());
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).matches(request)) {
                return hasEnded() ? -1 : rules.get(i).index();
            }
        }
        return -1;
    }

    /** Whether {@code validUntil} has passed. */
    boolean hasEnded() {
        Instant end = policy.validUntil();
        if (end == null) {
            return false;
        }
        return clock == null ? policy.action() == Action.ALLOW : !clock.instant().isBefore(end);
    }

    private static List<CompiledRule> compile(RuleCompiler compiler, AuthorizationPolicy policy) {
        List<CompiledRule> rules = new ArrayList<>();
        for (int i = 0; i < policy.rules().size(); i++) {
            compiler.compile(i, policy.rules().get(i)).ifPresent(rules::add);
        }
        return List.copyOf(rules);
    }
}
