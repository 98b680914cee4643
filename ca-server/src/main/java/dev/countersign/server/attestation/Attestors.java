package dev.countersign.server.attestation;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.attestation.AttestationRefused.Reason;

/** Turns an attestor's claims into proof: the only maker of {@link AttestedWorkload}. */
public final class Attestors {
    private final TrustDomain trustDomain;
    private final Attestor attestor;

    public Attestors(TrustDomain trustDomain, Attestor attestor) {
        this.trustDomain = trustDomain;
        this.attestor = attestor;
    }

    /**
     * Believes the caller, or says why not. On renewal the client certificate and the token must
     * name the same workload.
     */
    public AttestedWorkload attest(Evidence evidence) throws AttestationRefused {
        WorkloadClaims claims = attestor.attest(evidence);
        SpiffeId id = SpiffeId.of(trustDomain, claims.account());
        if (evidence.peer().isPresent() && !evidence.peer().get().id().equals(id)) {
            throw new AttestationRefused(
                    Reason.RENEWAL_OTHER_IDENTITY,
                    "certificate: " + evidence.peer().get().id() + " (expected: " + id + ")");
        }
        return new AttestedWorkload(claims);
    }
}
