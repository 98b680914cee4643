package dev.countersign.policy.advice;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** One change of the policies, small enough to make by hand. */
public sealed interface Edit {

    /** Applied to policies that hold what it changes; others stay as they are. */
    List<AuthorizationPolicy> apply(List<AuthorizationPolicy> policies);

    /** As an instruction, without a final stop. */
    String describe();

    /** How much the change does beside what it is for; smaller comes first. */
    int weight();

    /** Adds a value to a field of a rule, or takes those away that match. */
    record ChangeField(String policy, int rule, FieldPlace place, List<String> values, boolean add)
            implements Edit {

        public ChangeField {
            values = List.copyOf(values);
        }

        @Override
        public List<AuthorizationPolicy> apply(List<AuthorizationPolicy> policies) {
            return onRule(policies, policy, rule, one -> place.change(one, this::changed));
        }

        @Override
        public String describe() {
            return (add ? "add " : "remove ")
                    + String.join(", ", values)
                    + (add ? " to " : " from ")
                    + place.field()
                    + " in rule "
                    + rule
                    + " of "
                    + policy;
        }

        @Override
        public int weight() {
            return 2;
        }

        private List<String> changed(List<String> before) {
            List<String> after = new ArrayList<>(before);
            if (add) {
                after.addAll(values);
            } else {
                after.removeAll(values);
            }
            return after;
        }
    }

    /** Leaves one caller out of a rule. */
    record Exempt(String policy, int rule, String principal) implements Edit {
        @Override
        public List<AuthorizationPolicy> apply(List<AuthorizationPolicy> policies) {
            return onRule(policies, policy, rule, one -> FieldPlace.exempt(one, principal));
        }

        @Override
        public String describe() {
            return "add "
                    + principal
                    + " to source.notPrincipals in rule "
                    + rule
                    + " of "
                    + policy;
        }

        @Override
        public int weight() {
            return 3;
        }
    }

    /** Adds a rule to a policy. */
    record AddRule(String policy, Rule added) implements Edit {
        @Override
        public List<AuthorizationPolicy> apply(List<AuthorizationPolicy> policies) {
            return onPolicy(
                    policies,
                    policy,
                    one -> {
                        List<Rule> rules = new ArrayList<>(one.rules());
                        rules.add(added);
                        return withRules(one, rules);
                    });
        }

        @Override
        public String describe() {
            return "add a rule to " + policy + ": " + RuleText.of(added);
        }

        @Override
        public int weight() {
            return 4;
        }
    }

    /** Takes a rule away. */
    record RemoveRule(String policy, int rule) implements Edit {
        @Override
        public List<AuthorizationPolicy> apply(List<AuthorizationPolicy> policies) {
            return onPolicy(
                    policies,
                    policy,
                    one -> {
                        List<Rule> rules = new ArrayList<>(one.rules());
                        rules.remove(rule);
                        return withRules(one, rules);
                    });
        }

        @Override
        public String describe() {
            return "remove rule " + rule + " of " + policy;
        }

        @Override
        public int weight() {
            return 6;
        }
    }

    /** Adds a policy. */
    record AddPolicy(AuthorizationPolicy added) implements Edit {
        @Override
        public List<AuthorizationPolicy> apply(List<AuthorizationPolicy> policies) {
            List<AuthorizationPolicy> more = new ArrayList<>(policies);
            more.add(added);
            return more;
        }

        @Override
        public String describe() {
            return (added.action() == Action.DENY
                            ? "add a DENY policy in "
                            : "add an ALLOW policy in ")
                    + added.namespace()
                    + " for "
                    + (added.selector().isEmpty() ? "all its workloads" : added.selector())
                    + ": "
                    + RuleText.of(added.rules().getFirst());
        }

        @Override
        public int weight() {
            return 5;
        }
    }

    private static List<AuthorizationPolicy> onRule(
            List<AuthorizationPolicy> policies, String id, int index, UnaryOperator<Rule> change) {
        return onPolicy(
                policies,
                id,
                policy -> {
                    List<Rule> rules = new ArrayList<>(policy.rules());
                    rules.set(index, change.apply(rules.get(index)));
                    return withRules(policy, rules);
                });
    }

    private static List<AuthorizationPolicy> onPolicy(
            List<AuthorizationPolicy> policies,
            String id,
            UnaryOperator<AuthorizationPolicy> change) {
        return policies.stream().map(one -> one.id().equals(id) ? change.apply(one) : one).toList();
    }

    private static AuthorizationPolicy withRules(AuthorizationPolicy policy, List<Rule> rules) {
        return new AuthorizationPolicy(
                policy.group(),
                policy.namespace(),
                policy.name(),
                policy.action(),
                policy.mode(),
                policy.selector(),
                policy.targetRefs(),
                policy.provider(),
                rules,
                policy.validUntil());
    }
}
