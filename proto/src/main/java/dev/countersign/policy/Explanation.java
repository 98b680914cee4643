package dev.countersign.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decision and how it came about, as data. {@link ExplanationText} makes it readable.
 *
 * @param policies every policy that applies to the workload, in the order of the set
 * @param nearMiss where a denial for want of an ALLOW is one clause away from being allowed
 */
public record Explanation(
        Decision decision,
        Workload workload,
        Request request,
        List<PolicyTrace> policies,
        Optional<NearMiss> nearMiss) {

    public Explanation {
        policies = List.copyOf(policies);
    }

    /**
     * One policy.
     *
     * @param ended whether its {@code validUntil} has passed
     * @param matchedRule index of the first rule that matched, or -1; a policy in DryRun may match
     *     and has no part in the decision
     */
    public record PolicyTrace(
            String id,
            Action action,
            PolicyMode mode,
            boolean ended,
            int matchedRule,
            List<RuleTrace> rules) {

        public PolicyTrace {
            rules = List.copyOf(rules);
        }

        /** Whether the policy takes part in decisions now. */
        public boolean decides() {
            return mode == PolicyMode.ENFORCE && action != Action.AUDIT;
        }
    }

    /**
     * One rule.
     *
     * @param unusable why the rule can never match on this kind of connection; null: it can
     * @param from alternatives, of which one must hold
     * @param to alternatives, of which one must hold
     */
    public record RuleTrace(
            int index,
            boolean matched,
            @Nullable String unusable,
            List<Alternative> from,
            List<Alternative> to,
            List<ClauseTrace> when) {

        public RuleTrace {
            from = List.copyOf(from);
            to = List.copyOf(to);
            when = List.copyOf(when);
        }

        /** The clauses that count: of the nearest source and operation, and every condition. */
        public List<ClauseTrace> nearest() {
            List<ClauseTrace> clauses = new ArrayList<>();
            nearest(from).ifPresent(one -> clauses.addAll(one.clauses()));
            nearest(to).ifPresent(one -> clauses.addAll(one.clauses()));
            clauses.addAll(when);
            return List.copyOf(clauses);
        }

        private static Optional<Alternative> nearest(List<Alternative> alternatives) {
            return alternatives.stream().min(Comparator.comparingLong(Alternative::misses));
        }
    }

    /** One source or operation: all of its clauses must hold. */
    public record Alternative(List<ClauseTrace> clauses) {

        public Alternative {
            clauses = List.copyOf(clauses);
        }

        /** How many clauses do not hold. */
        public long misses() {
            return clauses.stream().filter(clause -> !clause.matched()).count();
        }
    }

    /**
     * One field.
     *
     * @param field such as {@code source.principals}, or the key of a condition
     * @param expected the written values
     * @param negative whether none of them may match
     * @param actual what the request has; null where it has nothing
     */
    public record ClauseTrace(
            String field,
            List<String> expected,
            boolean negative,
            @Nullable String actual,
            boolean matched) {

        public ClauseTrace {
            expected = List.copyOf(expected);
        }
    }

    /** The one clause that keeps an ALLOW rule from matching. */
    public record NearMiss(String policy, int rule, ClauseTrace clause) {}
}
