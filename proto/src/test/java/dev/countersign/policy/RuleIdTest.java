package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleIdTest {
    private static final Rule ANY = new Rule(List.of(), List.of(), List.of(), null);

    @Test
    void aRuleThatMovedKeepsItsHashAndOneThatChangedDoesNot() {
        Rule first = fromPrincipals("a", "b");
        Rule second = fromPrincipals("a");

        AuthorizationPolicy policy = policy(Action.ALLOW, first, second);
        AuthorizationPolicy moved = policy(Action.ALLOW, second, first);

        assertThat(policy.ruleId(0)).matches("shop/p#0:[0-9a-f]{8}");
        assertThat(hash(moved.ruleId(1))).isEqualTo(hash(policy.ruleId(0)));
        assertThat(hash(policy.ruleId(1))).isNotEqualTo(hash(policy.ruleId(0)));
        assertThat(hash(policy(Action.DENY, first).ruleId(0))).isNotEqualTo(hash(policy.ruleId(0)));
    }

    @Test
    void whatReadsTheSameInARowIsNotTheSame() {
        assertThat(hash(policy(Action.ALLOW, fromPrincipals("ab")).ruleId(0)))
                .isNotEqualTo(hash(policy(Action.ALLOW, fromPrincipals("a", "b")).ruleId(0)));
        Rule empty = new Rule(List.of(), List.of(), List.of(), "");
        assertThat(hash(policy(Action.ALLOW, ANY).ruleId(0)))
                .isNotEqualTo(hash(policy(Action.ALLOW, empty).ruleId(0)));
    }

    /** The hash is written in logs and tickets: it may not change with a version. */
    @Test
    void theHashStays() {
        assertThat(policy(Action.ALLOW, ANY).ruleId(0)).isEqualTo("shop/p#0:eea984a0");
    }

    private static Rule fromPrincipals(String... principals) {
        return new Rule(
                List.of(Source.ofPrincipals(List.of(principals))), List.of(), List.of(), null);
    }

    private static String hash(String id) {
        return id.substring(id.indexOf(':'));
    }

    private static AuthorizationPolicy policy(Action action, Rule... rules) {
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                "shop",
                "p",
                action,
                PolicyMode.ENFORCE,
                Map.of(),
                List.of(),
                null,
                List.of(rules),
                null);
    }
}
