package dev.countersign.policy;

import dev.countersign.policy.Explanation.ClauseTrace;
import dev.countersign.policy.Explanation.NearMiss;
import dev.countersign.policy.Explanation.PolicyTrace;
import dev.countersign.policy.Explanation.RuleTrace;
import dev.countersign.policy.match.PrintableText;
import java.util.List;
import java.util.Objects;

/** An {@link Explanation} as a person reads it. Bounded, whatever the request and policies hold. */
public final class ExplanationText {

    private static final int MAX_RULES = 20;
    private static final int MAX_VALUES = 5;
    private static final int EXCERPT = 100;

    private final Explanation explanation;
    private final StringBuilder text = new StringBuilder();
    private int rulesLeft = MAX_RULES;

    private ExplanationText(Explanation explanation) {
        this.explanation = explanation;
    }

    /** Headline, the policies that count, and what to do next; lines end with {@code \n}. */
    public static String render(Explanation explanation) {
        ExplanationText text = new ExplanationText(explanation);
        text.headline();
        text.body();
        text.advice();
        return text.text.toString();
    }

    /** Headline, and every policy that applies with every rule, whether it decided or not. */
    public static String renderEveryPolicy(Explanation explanation) {
        ExplanationText text = new ExplanationText(explanation);
        text.headline();
        text.outcome();
        text.everyPolicy();
        return text.text.toString();
    }

    /** The policies and the advice, without the headline: for a screen that has its own. */
    public static String renderBody(Explanation explanation) {
        ExplanationText text = new ExplanationText(explanation);
        text.body();
        text.advice();
        return text.text.toString();
    }

    private void headline() {
        Request request = explanation.request();
        text.append(explanation.decision().allowed() ? "ALLOWED" : "DENIED")
                .append("  ")
                .append(caller(request))
                .append(" → ")
                .append(destination())
                .append(':')
                .append(request.port());
        if (request.isHttp()) {
            text.append("  ")
                    .append(shown(Objects.requireNonNullElse(request.method(), "")))
                    .append(' ')
                    .append(shown(Objects.requireNonNullElse(request.path(), "")));
        } else {
            text.append("  tcp");
        }
        text.append("   revision ").append(explanation.decision().revision()).append('\n');
    }

    private void body() {
        switch (explanation.decision().reason()) {
            case NO_POLICY_SOURCE -> line(1, "no policies have been received yet");
            case PLAINTEXT_REFUSED ->
                    line(1, "the port takes mutual TLS only, by a PeerAuthentication");
            case TOKEN_INVALID -> line(1, "the token it carries is not good");
            case TOKEN_KEYS_UNAVAILABLE ->
                    line(1, "its token cannot be checked: the issuer's keys are not here");
            case PEER_DENIED -> line(1, "the caller is on the deny list, whatever policies say");
            case PATH_NOT_NORMALIZED -> line(1, "the path is not in its normal form");
            case EVALUATION_FAULT -> line(1, "evaluation failed, which denies");
            case CUSTOM_PROVIDER_DENIED,
                    CUSTOM_PROVIDER_UNAVAILABLE,
                    CUSTOM_PROVIDER_UNDEFINED,
                    CUSTOM_PROVIDER_NEEDS_HTTP ->
                    group(Action.CUSTOM);
            case DENY_RULE_MATCHED -> group(Action.DENY);
            case ALLOW_RULE_MATCHED, NO_ALLOW_RULE_MATCHED -> group(Action.ALLOW);
            case ALLOWED_BY_DEFAULT, DENIED_BY_DEFAULT, AUDIT_RULE_MATCHED ->
                    line(1, "no ALLOW policy applies to " + destination());
        }
        dryRuns();
    }

    private void outcome() {
        Decision decision = explanation.decision();
        line(
                1,
                decision.reason()
                        + (decision.policy().isEmpty()
                                ? ""
                                : " by " + decision.policy() + " rule " + decision.ruleIndex()));
    }

    /** In the order in which they are asked. */
    private void everyPolicy() {
        for (Action action : List.of(Action.CUSTOM, Action.DENY, Action.ALLOW, Action.AUDIT)) {
            List<PolicyTrace> policies =
                    explanation.policies().stream().filter(one -> one.action() == action).toList();
            if (policies.isEmpty()) {
                continue;
            }
            line(1, action + " policies that apply to " + destination() + ": " + policies.size());
            for (PolicyTrace policy : policies) {
                if (policy.mode() == PolicyMode.DRY_RUN) {
                    line(2, policy.id() + "  is in DryRun and has no part in the decision");
                }
                policy(policy);
            }
        }
        if (explanation.policies().isEmpty()) {
            line(1, "no policy applies to " + destination());
        }
        if (rulesLeft < 0) {
            line(2, "… and " + -rulesLeft + " more rules");
        }
    }

    private void group(Action action) {
        List<PolicyTrace> policies =
                explanation.policies().stream()
                        .filter(one -> one.action() == action && one.decides())
                        .toList();
        long matched = policies.stream().filter(one -> one.matchedRule() >= 0).count();
        line(
                1,
                action
                        + " policies that apply to "
                        + destination()
                        + ": "
                        + policies.size()
                        + ", "
                        + (matched == 0 ? "none" : matched)
                        + " matched");
        policies.stream()
                .filter(one -> matched == 0 || one.matchedRule() >= 0)
                .forEach(this::policy);
        if (rulesLeft < 0) {
            line(2, "… and " + -rulesLeft + " more rules");
        }
    }

    private void policy(PolicyTrace policy) {
        if (policy.rules().isEmpty()) {
            line(2, policy.id() + "  has no rules, so it matches nothing");
        }
        for (RuleTrace rule : policy.rules()) {
            if (policy.matchedRule() < 0 || rule.index() == policy.matchedRule()) {
                if (--rulesLeft >= 0) {
                    rule(policy, rule);
                }
            }
        }
    }

    private void rule(PolicyTrace policy, RuleTrace rule) {
        line(2, policy.id() + "  rule " + rule.index() + (policy.ended() ? "  (has ended)" : ""));
        if (rule.unusable() != null) {
            line(3, "never matches: " + rule.unusable());
            return;
        }
        List<ClauseTrace> clauses = rule.nearest();
        if (clauses.isEmpty()) {
            line(3, "matches every request");
        }
        int field = clauses.stream().mapToInt(one -> one.field().length()).max().orElse(0);
        int value = clauses.stream().mapToInt(one -> values(one).length()).max().orElse(0);
        for (ClauseTrace clause : clauses) {
            line(
                    3,
                    padded(clause.field(), field)
                            + "  "
                            + padded(values(clause), value)
                            + "  "
                            + mark(clause));
        }
        others(rule.from().size(), "sources");
        others(rule.to().size(), "operations");
    }

    private void others(int alternatives, String what) {
        if (alternatives > 1) {
            line(3, "(the nearest of " + alternatives + " " + what + ")");
        }
    }

    private void dryRuns() {
        explanation.policies().stream()
                .filter(one -> one.mode() == PolicyMode.DRY_RUN && one.matchedRule() >= 0)
                .limit(MAX_VALUES)
                .forEach(one ->
                        line(
                                1,
                                "in DryRun: "
                                        + one.id()
                                        + " rule "
                                        + one.matchedRule()
                                        + " would "
                                        + one.action()));
    }

    private void advice() {
        explanation
                .nearMiss()
                .ifPresent(
                        near -> line(1, "one clause away: " + advice(near, explanation.request())));
        Decision decision = explanation.decision();
        if (decision.reason() == Decision.Reason.DENIED_BY_DEFAULT) {
            line(
                    1,
                    "an ALLOW policy in "
                            + explanation.workload().namespace()
                            + " that names "
                            + Objects.requireNonNullElse(
                                    explanation.request().sourcePrincipal(), "the caller")
                            + " would allow it");
        } else if (decision.reason() == Decision.Reason.DENY_RULE_MATCHED) {
            line(
                    1,
                    "no ALLOW lifts this: change rule "
                            + decision.ruleIndex()
                            + " of "
                            + decision.policy());
        }
    }

    private static String advice(NearMiss near, Request request) {
        ClauseTrace clause = near.clause();
        String where = " rule " + near.rule() + " of " + near.policy();
        if (clause.actual() == null) {
            return "the request has no " + attribute(clause) + ", which" + where + " asks for";
        }
        return clause.negative()
                ? "leaving "
                        + shown(clause.actual())
                        + " out of "
                        + clause.field()
                        + " in"
                        + where
                        + " would allow it"
                : "adding "
                        + shown(RequestValue.of(request, clause.field()).orElse(clause.actual()))
                        + " to "
                        + clause.field()
                        + " in"
                        + where
                        + " would allow it";
    }

    private static String attribute(ClauseTrace clause) {
        return switch (clause.field()) {
            case "source.principals",
                    "source.namespaces",
                    "source.serviceAccounts",
                    "source.trustDomains",
                    "source.notPrincipals",
                    "source.notNamespaces",
                    "source.notServiceAccounts",
                    "source.notTrustDomains" ->
                    "identity";
            case "source.requestPrincipals", "source.notRequestPrincipals" -> "token";
            default -> clause.field();
        };
    }

    private static String mark(ClauseTrace clause) {
        if (clause.matched()) {
            return "✓";
        }
        String actual = clause.actual();
        return actual == null ? "✗ is absent" : "✗ is " + shown(actual);
    }

    private static String values(ClauseTrace clause) {
        List<String> shown =
                clause.expected().stream().limit(MAX_VALUES).map(ExplanationText::shown).toList();
        int more = clause.expected().size() - shown.size();
        return (clause.negative() ? "none of " : "")
                + String.join(", ", shown)
                + (more > 0 ? ", … " + more + " more" : "");
    }

    private String destination() {
        Workload workload = explanation.workload();
        return workload.namespace() + "/" + workload.serviceAccount();
    }

    private static String caller(Request request) {
        String principal = request.sourcePrincipal();
        return principal == null
                ? "a caller without identity"
                        + (request.sourceIp() == null ? "" : " at " + request.sourceIp())
                : shown(principal);
    }

    private static String shown(String value) {
        return PrintableText.excerpt(value, EXCERPT);
    }

    private static String padded(String value, int width) {
        return value + " ".repeat(Math.max(0, width - value.length()));
    }

    private void line(int indent, String content) {
        text.append("  ".repeat(indent)).append(content).append('\n');
    }
}
