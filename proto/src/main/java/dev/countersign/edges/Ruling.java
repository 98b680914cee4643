package dev.countersign.edges;

import java.util.Objects;

/**
 * What was decided, and by what.
 *
 * @param policy {@code namespace/name} of the policy that decided; empty where none did
 * @param rule index in its rules, or -1
 */
public record Ruling(boolean allowed, String policy, int rule) {
    public Ruling {
        Objects.requireNonNull(policy, "policy");
        if (rule < -1) {
            throw new IllegalArgumentException("rule: " + rule + " (expected: >= -1)");
        }
    }

    /** {@code shop/callers rule 0}, or why there is none. */
    public String text() {
        if (policy.isEmpty()) {
            return allowed ? "no ALLOW policy applies" : "no rule allows it";
        }
        return rule < 0 ? policy : policy + " rule " + rule;
    }
}
