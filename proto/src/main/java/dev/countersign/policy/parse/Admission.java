package dev.countersign.policy.parse;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.Rule;

/** What a well-formed policy may not say: the policy as a whole. */
final class Admission {

    private final AuthorizationPolicy policy;
    private final Locations locations;
    private final Report report;
    private final Notices notices;
    private final ScopeAdmission scope;

    Admission(AuthorizationPolicy policy, Locations locations, Report report, Notices notices) {
        this.policy = policy;
        this.locations = locations;
        this.report = report;
        this.notices = notices;
        this.scope = new ScopeAdmission(locations, report);
    }

    /** Reports everything that is not admitted. */
    void check() {
        scope.check(policy.namespace(), policy.name(), policy.selector(), policy.targetRefs());
        checkAction();
        scope.limit("spec.rules", policy.rules().size(), Bounds.RULES);
        RuleAdmission rules = new RuleAdmission(policy, locations, report, notices);
        for (int i = 0; i < policy.rules().size(); i++) {
            String path = "spec.rules[" + i + "]";
            Rule rule = policy.rules().get(i);
            scope.limit(path + ".from", rule.from().size(), Bounds.ALTERNATIVES);
            scope.limit(path + ".to", rule.to().size(), Bounds.ALTERNATIVES);
            rules.check(rule, path);
            warnOfWidening(rule, path);
        }
    }

    private void checkAction() {
        Action action = policy.action();
        String provider = policy.provider();
        if (action == Action.CUSTOM && (provider == null || provider.isEmpty())) {
            add(
                    "spec.provider.name",
                    Problem.Code.MISSING,
                    "nothing",
                    "the provider that a CUSTOM policy asks");
        }
        if (action != Action.CUSTOM && provider != null) {
            add(
                    "spec.provider",
                    Problem.Code.NOT_WITH_THIS_ACTION,
                    action.name(),
                    "a provider with action CUSTOM only");
        }
        if (policy.rules().isEmpty() && (action == Action.DENY || action == Action.CUSTOM)) {
            add(
                    "spec.rules",
                    Problem.Code.MISSING,
                    "no rules",
                    "at least one rule with " + action + "; {} matches every request");
        }
    }

    /** On TCP only the HTTP fields of a DENY rule fall away, and the rest may be nothing. */
    private void warnOfWidening(Rule rule, String path) {
        if (policy.action() != Action.DENY) {
            return;
        }
        boolean port =
                rule.to().stream().anyMatch(o -> !o.ports().isEmpty() || !o.notPorts().isEmpty());
        boolean peer = rule.from().stream().anyMatch(SourceFields::holdsL4);
        boolean bySource = !rule.from().isEmpty() && rule.to().isEmpty() && !peer;
        boolean byOperation = !rule.to().isEmpty() && !port;
        boolean l4Condition = rule.when().stream().anyMatch(one -> isL4(one.key()));
        if (bySource || byOperation) {
            notices.warn(
                    locations,
                    path,
                    "DENY_WIDENED_ON_TCP",
                    "on TCP ports the HTTP fields of this rule fall away and it denies more than it"
                            + " says; give it a port");
        } else if (rule.from().isEmpty()
                && rule.to().isEmpty()
                && !rule.when().isEmpty()
                && !l4Condition) {
            notices.hint(
                    locations,
                    path,
                    "DENY_WIDENED_ON_TCP",
                    "on TCP ports these conditions fall away and the rule denies everything; give it"
                            + " a port");
        }
    }

    private static boolean isL4(String key) {
        return ConditionKey.parse(key).map(one -> !one.http()).orElse(false);
    }

    private void add(String path, Problem.Code code, String value, String expected) {
        scope.add(path, code, value, expected);
    }
}
