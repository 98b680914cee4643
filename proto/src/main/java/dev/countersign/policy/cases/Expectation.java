package dev.countersign.policy.cases;

import dev.countersign.policy.Decision;
import org.jspecify.annotations.Nullable;

/**
 * What must be decided.
 *
 * @param policy {@code namespace/name} that must decide, or null: any
 * @param rule index of the rule that must decide, or -1: any
 * @param reason the reason that must be given, or null: any
 */
public record Expectation(
        boolean allowed, @Nullable String policy, int rule, Decision.@Nullable Reason reason) {

    /** Whatever decides. */
    public static Expectation of(boolean allowed) {
        return new Expectation(allowed, null, -1, null);
    }

    boolean isMetBy(Decision decision) {
        return decision.allowed() == allowed
                && (policy == null || policy.equals(decision.policy()))
                && (rule < 0 || rule == decision.ruleIndex())
                && (reason == null || reason == decision.reason());
    }

    /** A path that is refused is a denial by no policy. */
    boolean isMetByRefusedPath() {
        return !allowed && policy == null && reason == null;
    }

    String describe() {
        StringBuilder text = new StringBuilder(allowed ? "allow" : "deny");
        if (reason != null) {
            text.append(", ").append(reason);
        }
        if (policy != null) {
            text.append(" by ").append(policy);
        }
        return rule < 0 ? text.toString() : text + " rule " + rule;
    }
}
