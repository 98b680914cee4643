package dev.countersign.policy;

import dev.countersign.policy.Explanation.Alternative;
import dev.countersign.policy.Explanation.ClauseTrace;
import dev.countersign.policy.Explanation.NearMiss;
import dev.countersign.policy.Explanation.PolicyTrace;
import dev.countersign.policy.Explanation.RuleTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Retraces a decision through the same clauses that made it. */
final class Explainer {

    /** Parts of names of headers and claims whose values are not repeated. */
    private static final List<String> SECRET =
            List.of("auth", "cookie", "token", "secret", "password", "key", "session");

    private final Request request;

    Explainer(Request request) {
        this.request = request;
    }

    Explanation explain(Decision decision, Workload workload, List<CompiledPolicy> applying) {
        List<PolicyTrace> traces = applying.stream().map(this::policy).toList();
        Optional<NearMiss> nearMiss =
                decision.reason() == Decision.Reason.NO_ALLOW_RULE_MATCHED
                        ? nearMiss(traces)
                        : Optional.empty();
        return new Explanation(decision, workload, request, traces, nearMiss);
    }

    private PolicyTrace policy(CompiledPolicy policy) {
        AuthorizationPolicy written = policy.policy();
        List<CompiledRule> usable = policy.rules(request.isHttp());
        List<RuleTrace> rules = new ArrayList<>();
        for (int i = 0; i < written.rules().size(); i++) {
            int index = i;
            rules.add(
                    usable.stream()
                            .filter(rule -> rule.index() == index)
                            .findFirst()
                            .map(this::rule)
                            .orElseGet(() -> unusable(index, written.rules().get(index))));
        }
        return new PolicyTrace(
                written.id(),
                written.action(),
                written.mode(),
                policy.hasEnded(),
                policy.firstMatch(request),
                rules);
    }

    private RuleTrace rule(CompiledRule rule) {
        return new RuleTrace(
                rule.index(),
                rule.matches(request),
                null,
                rule.from().stream().map(this::alternative).toList(),
                rule.to().stream().map(this::alternative).toList(),
                clauses(rule.when()));
    }

    private RuleTrace unusable(int index, Rule rule) {
        String why =
                rule.expression() != null && rule.checked() == null
                        ? "has an expression that was not compiled where it was admitted"
                        : request.isHttp()
                                ? "holds a value that cannot be evaluated"
                                : "looks at HTTP, and this connection is TCP";
        return new RuleTrace(index, false, why, List.of(), List.of(), List.of());
    }

    private Alternative alternative(List<Clause> clauses) {
        return new Alternative(clauses(clauses));
    }

    private List<ClauseTrace> clauses(List<Clause> clauses) {
        return clauses.stream().map(this::clause).toList();
    }

    private ClauseTrace clause(Clause clause) {
        return new ClauseTrace(
                clause.field(),
                clause.values(),
                clause.negative(),
                actual(clause),
                clause.matches(request));
    }

    private @Nullable String actual(Clause clause) {
        String value = clause.matcher().actual(request);
        return value != null && mayHoldSecret(clause) ? "(hidden)" : value;
    }

    private static boolean mayHoldSecret(Clause clause) {
        String field = clause.field().toLowerCase(Locale.ROOT);
        int name = field.indexOf('[');
        return name >= 0 && SECRET.stream().anyMatch(part -> field.indexOf(part, name) >= 0);
    }

    private static Optional<NearMiss> nearMiss(List<PolicyTrace> policies) {
        for (PolicyTrace policy : policies) {
            if (policy.action() == Action.ALLOW && policy.decides() && !policy.ended()) {
                for (RuleTrace rule : policy.rules()) {
                    List<ClauseTrace> misses =
                            rule.nearest().stream().filter(one -> !one.matched()).toList();
                    if (rule.unusable() == null && misses.size() == 1) {
                        return Optional.of(
                                new NearMiss(policy.id(), rule.index(), misses.getFirst()));
                    }
                }
            }
        }
        return Optional.empty();
    }
}
