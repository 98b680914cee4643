package dev.countersign.policy.reference;

import dev.countersign.policy.Request;
import java.util.List;

/**
 * One rule, compiled for one kind of connection.
 *
 * @param index where the rule stands in its policy
 * @param from alternatives, one of which must hold whole; empty holds
 * @param to alternatives, one of which must hold whole; empty holds
 * @param when all of these must hold
 */
record CompiledRule(int index, List<List<Clause>> from, List<List<Clause>> to, List<Clause> when) {

    CompiledRule {
        from = from.stream().map(List::copyOf).toList();
        to = to.stream().map(List::copyOf).toList();
        when = List.copyOf(when);
    }

    /** Whether the request satisfies the rule. */
    boolean matches(Request request) {
        // Who calls tells rules apart more often than what is called, and costs one comparison.
        return anyHolds(from, request) && anyHolds(to, request) && allHold(when, request);
    }

    /** Whether anything in it constrains. */
    boolean isUnconstrained() {
        return from.stream().allMatch(List::isEmpty)
                && to.stream().allMatch(List::isEmpty)
                && when.isEmpty();
    }

    /** Whether it may hold on this port and looks at something of HTTP there. */
    boolean needsHttpOn(int port) {
        List<List<Clause>> operations = to.stream().filter(all -> mayHoldOn(all, port)).toList();
        if (!mayHoldOn(when, port) || (operations.isEmpty() && !to.isEmpty())) {
            return false;
        }
        return anyHttp(when)
                || from.stream().anyMatch(CompiledRule::anyHttp)
                || operations.stream().anyMatch(CompiledRule::anyHttp);
    }

    private static boolean mayHoldOn(List<Clause> clauses, int port) {
        return clauses.stream().allMatch(clause -> clause.mayHoldOn(port));
    }

    private static boolean anyHttp(List<Clause> clauses) {
        return clauses.stream().anyMatch(Clause::http);
    }

    private static boolean anyHolds(List<List<Clause>> alternatives, Request request) {
        // By index: an iterator would be allocated for every request.
        for (int i = 0; i < alternatives.size(); i++) {
            if (allHold(alternatives.get(i), request)) {
                return true;
            }
        }
        return alternatives.isEmpty();
    }

    private static boolean allHold(List<Clause> clauses, Request request) {
        for (int i = 0; i < clauses.size(); i++) {
            if (!clauses.get(i).matches(request)) {
                return false;
            }
        }
        return true;
    }
}
