package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.LineageRecords.Lineage;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.trust.VerifiedPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Turns claims into proof: the only maker of {@link AttestedWorkload}.
 *
 * <table>
 *   <caption>What is asked of whom</caption>
 *   <tr><th>token</th><th>certificate</th><th>outcome</th></tr>
 *   <tr><td>yes</td><td>no</td><td>first contact: the attestor decides</td></tr>
 *   <tr><td>yes</td><td>yes</td><td>renewal: both must name the same account and pod</td></tr>
 *   <tr><td>no</td><td>yes</td><td>renewal, only for accounts that have no token any more, only of a
 *       certificate on record, and only for a while after the last token</td></tr>
 *   <tr><td>no</td><td>no</td><td>refused</td></tr>
 * </table>
 *
 * <p>In every case the pod directory must not contradict the claims.
 */
public final class Attestors {
    /** Names the attestation of a renewal by certificate alone. */
    static final String RENEWAL = "certificate-renewal";

    private final TrustDomain trustDomain;
    private final Attestor attestor;
    private final PodChecks pods;
    private final LineageRecords lineages;
    private final AttestationRules rules;
    private final InstantSource clock;

    /**
     * @param audit takes what is worth an entry and refuses nobody; must not block
     */
    public Attestors(
            TrustDomain trustDomain,
            Attestor attestor,
            PodDirectory pods,
            LineageRecords lineages,
            AttestationRules rules,
            InstantSource clock,
            Consumer<AuditEvent> audit) {
        this.trustDomain = trustDomain;
        this.attestor = attestor;
        this.pods = new PodChecks(pods, rules.callerAddress(), clock, audit);
        this.lineages = lineages;
        this.rules = rules;
        this.clock = clock;
    }

    /** Believes the caller, or says why not. */
    public AttestedWorkload attest(Evidence evidence) throws AttestationRefused {
        boolean tokenless = evidence.token().isEmpty() && evidence.peer().isPresent();
        WorkloadClaims claims =
                tokenless ? byCertificate(evidence.peer().get()) : attestor.attest(evidence);
        if (!tokenless && evidence.peer().isPresent()) {
            checkSameWorkload(evidence.peer().get(), claims);
        }
        pods.check(claims, evidence.caller());
        return new AttestedWorkload(claims);
    }

    private void checkSameWorkload(VerifiedPeer peer, WorkloadClaims claims)
            throws AttestationRefused {
        agree("identity", peer.id(), SpiffeId.of(trustDomain, claims.account()));
        // A certificate that is not on record (a restored database) proves no pod, and the token
        // alone would do: then this is a first contact.
        Optional<Lineage> lineage = lineages.lineage(peer.issuerKeyId(), peer.serial());
        if (lineage.isPresent()) {
            agree("account uid", lineage.get().accountUid(), claims.accountUid());
            agree("pod uid", lineage.get().podUid(), claims.podUid());
        }
    }

    private WorkloadClaims byCertificate(VerifiedPeer peer) throws AttestationRefused {
        Optional<ServiceAccountName> account = peer.id().serviceAccount();
        if (account.isEmpty() || !rules.renewWithoutToken().contains(account.get())) {
            throw new AttestationRefused(
                    Reason.TOKEN_MISSING,
                    "token: none for " + peer.id() + " (expected: a fresh token at each renewal)");
        }
        Lineage lineage =
                lineages.lineage(peer.issuerKeyId(), peer.serial())
                        .orElseThrow(() ->
                                new AttestationRefused(
                                        Reason.RENEWAL_NOT_KNOWN,
                                        "certificate: serial "
                                                + peer.serial()
                                                + " (expected: one on record)"));
        agree("identity", peer.id(), SpiffeId.of(trustDomain, lineage.account()));
        Instant until = lineage.lastTokenAt().plus(rules.maxWithoutToken());
        if (!clock.instant().isBefore(until)) {
            throw new AttestationRefused(
                    Reason.RENEWAL_WITHOUT_TOKEN_TOO_LONG,
                    "last token: "
                            + Duration.between(lineage.lastTokenAt(), clock.instant())
                            + " ago (expected: < "
                            + rules.maxWithoutToken()
                            + ", or a token)");
        }
        return new WorkloadClaims(
                lineage.account(),
                lineage.accountUid(),
                lineage.podName(),
                lineage.podUid(),
                lineage.node(),
                "",
                until,
                RENEWAL);
    }

    private static <T> void agree(String what, T certified, T claimed) throws AttestationRefused {
        if (!certified.equals(claimed)) {
            throw new AttestationRefused(
                    Reason.RENEWAL_OTHER_IDENTITY,
                    what
                            + " of the certificate: "
                            + certified
                            + " (expected: "
                            + claimed
                            + ", as in the token; or come without the certificate)");
        }
    }
}
