package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;
import java.util.List;

/**
 * Proof: policy revision R, rule K allowed this. Made only by {@link Authorizer}; the relay asks for
 * it before a byte reaches the application.
 */
public final class Permit implements Verdict {
    private final Decision decision;
    private final List<Decision> audited;

    Permit(Decision decision, List<Decision> audited) {
        this.decision = decision;
        this.audited = audited;
    }

    @Override
    public Decision decision() {
        return decision;
    }

    @Override
    public List<Decision> audited() {
        return audited;
    }
}
