package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;

/**
 * Proof: policy revision R, rule K allowed this. Made only by {@link Authorizer}; the relay asks for
 * it before a byte reaches the application.
 */
public final class Permit implements Verdict {
    private final Decision decision;

    Permit(Decision decision) {
        this.decision = decision;
    }

    public Decision decision() {
        return decision;
    }
}
