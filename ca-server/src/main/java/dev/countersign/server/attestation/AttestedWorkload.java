package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.time.Instant;
import java.util.Optional;

/**
 * Proof: this caller is service account S of namespace N in pod P, until T. Made only by {@link
 * Attestors}; {@code IssuanceRules.approve} asks for it.
 */
public final class AttestedWorkload {
    private final WorkloadClaims claims;

    AttestedWorkload(WorkloadClaims claims) {
        this.claims = claims;
    }

    public ServiceAccountName account() {
        return claims.account();
    }

    public String accountUid() {
        return claims.accountUid();
    }

    public String podName() {
        return claims.podName();
    }

    public String podUid() {
        return claims.podUid();
    }

    public Optional<String> nodeName() {
        return claims.nodeName();
    }

    public String tokenFingerprint() {
        return claims.tokenFingerprint();
    }

    public Instant until() {
        return claims.until();
    }

    public String attestor() {
        return claims.attestor();
    }

    @Override
    public String toString() {
        return claims.account() + " pod " + claims.podName();
    }
}
