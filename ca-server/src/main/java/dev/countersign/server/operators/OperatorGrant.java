package dev.countersign.server.operators;

import dev.countersign.identity.SpiffeId;

/**
 * Proof: this name has this role. Made only by {@link Operators#grant}; {@code IssuanceRules} asks
 * for it before an operator's certificate is approved.
 */
public final class OperatorGrant {
    private final String name;
    private final SpiffeId id;
    private final Role role;

    OperatorGrant(String name, SpiffeId id, Role role) {
        this.name = name;
        this.id = id;
        this.role = role;
    }

    public String name() {
        return name;
    }

    public SpiffeId id() {
        return id;
    }

    public Role role() {
        return role;
    }
}
