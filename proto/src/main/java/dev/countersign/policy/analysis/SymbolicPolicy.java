package dev.countersign.policy.analysis;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.Rule;
import dev.countersign.policy.analysis.region.Region;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One policy as sets of requests, at one instant.
 *
 * @param strict whether quirks that let callers in are closed for it
 * @param ended whether its {@code validUntil} has passed
 * @param rules all of its rules, those that match nothing included
 */
record SymbolicPolicy(
        AuthorizationPolicy policy,
        boolean strict,
        boolean ended,
        List<SymbolicRule> rules,
        Vocabulary vocabulary) {

    SymbolicPolicy {
        rules = List.copyOf(rules);
    }

    /**
     * Compiles one.
     *
     * @throws dev.countersign.policy.analysis.text.TooLarge if a rule falls into too many pieces
     */
    static SymbolicPolicy of(
            AuthorizationPolicy policy, MeshSettings mesh, Instant at, Space space) {
        Reading reading = Reading.of(policy, mesh);
        Vocabulary vocabulary = new Vocabulary();
        FieldRegions fields = new FieldRegions(policy, mesh, space, vocabulary);
        RuleRegions http = new RuleRegions(policy, reading, fields, true);
        RuleRegions tcp = new RuleRegions(policy, reading, fields, false);
        List<SymbolicRule> rules = new ArrayList<>();
        for (int i = 0; i < policy.rules().size(); i++) {
            Rule rule = policy.rules().get(i);
            Region onHttp = http.of(rule);
            Region onTcp = tcp.of(rule);
            rules.add(
                    new SymbolicRule(
                            policy,
                            i,
                            onHttp,
                            onTcp,
                            onHttp.and(space.occurring(true)),
                            onTcp.and(space.occurring(false))));
        }
        Instant end = policy.validUntil();
        return new SymbolicPolicy(
                policy, reading.strict(), end != null && !at.isBefore(end), rules, vocabulary);
    }

    /** Compiled once, so that the same one is the same object. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    boolean enforced() {
        return policy.mode() == PolicyMode.ENFORCE;
    }

    /** What its rules match; nothing once it has ended. */
    Region matched(boolean http) {
        Region all = Region.NOTHING;
        if (!ended) {
            for (SymbolicRule rule : rules) {
                all = all.or(rule.region(http));
            }
        }
        return all;
    }
}
