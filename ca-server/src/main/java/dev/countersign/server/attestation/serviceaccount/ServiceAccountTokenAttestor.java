package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.Attestor;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.server.attestation.WorkloadClaims;
import java.time.InstantSource;

/**
 * Believes a Kubernetes-shaped service-account token that a configured issuer has signed for us and
 * bound to a pod.
 */
public final class ServiceAccountTokenAttestor implements Attestor {
    public static final String NAME = "service-account-token";

    private final TokenRules rules;
    private final IssuerKeys keys;
    private final InstantSource clock;

    public ServiceAccountTokenAttestor(
            TokenSettings settings, JwksSource keys, InstantSource clock) {
        this(settings, (IssuerKeys) keys, clock);
    }

    ServiceAccountTokenAttestor(TokenSettings settings, IssuerKeys keys, InstantSource clock) {
        this.rules = new TokenRules(settings);
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public WorkloadClaims attest(Evidence evidence) throws AttestationRefused {
        // 1. Shape and algorithm: no key is touched for a token that could not be signed properly.
        ParsedToken token = TokenParser.parse(evidence.token());
        // 2. Claims: no key is fetched for a token that could not be meant for us.
        TokenClaims claims = TokenClaims.of(token.claims());
        rules.check(claims, clock.instant());
        // 3. Signature, by a key of the issuer.
        if (!keys.find(token.keyId()).signed(token)) {
            throw new AttestationRefused(
                    Reason.TOKEN_BAD_SIGNATURE,
                    "signature: not by key \"" + Shown.of(token.keyId()) + "\" over this token");
        }
        return new WorkloadClaims(
                claims.account(),
                claims.accountUid(),
                claims.podName(),
                claims.podUid(),
                claims.nodeName(),
                evidence.token().fingerprint(),
                claims.expires(),
                NAME);
    }
}
