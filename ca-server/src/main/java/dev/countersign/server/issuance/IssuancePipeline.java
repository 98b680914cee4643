package dev.countersign.server.issuance;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestedWorkload;
import dev.countersign.server.attestation.Attestors;
import dev.countersign.server.attestation.Evidence;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditTrail.KeyRule;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.KeyTaken;
import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.IssuingAuthority;
import dev.countersign.server.authority.Signer;
import dev.countersign.server.issuance.IssuanceRefused.Kind;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.limits.AdmissionControl;
import dev.countersign.server.limits.Priority;
import dev.countersign.server.lint.LintRefused;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.revocation.IssuanceBlocks;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.CertificateRequest;
import dev.countersign.server.x509.CsrParser;
import dev.countersign.server.x509.CsrRefused;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Issues one certificate: the ten steps, in the order of the package manual. Thread-safe; blocks
 * while the intent becomes durable, so callers run on virtual threads.
 */
public final class IssuancePipeline {
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    /** What the pipeline works with; wired once. */
    public record Parts(
            IssuanceGate gate,
            Attestors attestors,
            CsrParser csrParser,
            IssuanceRules rules,
            IssuanceBlocks blocks,
            Signer signer,
            Function<AttestedWorkload, Map<String, String>> labels,
            Function<AttestedWorkload, List<String>> serviceNames,
            CertificateAssembler assembler,
            Linter linter,
            AuditTrail audit,
            SvidVerifier verifier,
            RefusalRecorder refusals,
            IssuanceProfiles profiles,
            Duration maxWithoutToken) {}

    private final Parts parts;
    private final InstantSource clock;
    private final SecureRandom random;

    public IssuancePipeline(Parts parts, InstantSource clock, SecureRandom random) {
        this.parts = parts;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Runs all ten steps.
     *
     * @throws IssuanceRefused when nothing was issued; recorded already
     */
    public IssuedSvid issue(IssuanceCommand command) throws IssuanceRefused {
        Evidence evidence = command.evidence();
        Optional<AttestedWorkload> known = Optional.empty();
        // 1. Caps and shedding.
        try (AdmissionControl.Ticket ticket =
                parts.gate.enter(evidence.caller(), priority(evidence))) {
            // 2. Attest; then limits by identity and namespace.
            AttestedWorkload workload = attest(evidence);
            known = Optional.of(workload);
            parts.gate.charge(workload);
            refuseRevoked(workload, evidence);
            return issue(workload, command);
        } catch (IssuanceRefused refusal) {
            parts.refusals.refused(known, evidence.caller(), refusal);
            throw refusal;
        }
    }

    private IssuedSvid issue(AttestedWorkload workload, IssuanceCommand command)
            throws IssuanceRefused {
        // 3. Parse the request.
        CertificateRequest request = parse(command.csr());
        boolean renewal = command.evidence().peer().isPresent();
        if (!renewal) {
            parts.gate.chargeKey(workload, request.publicKeyHash());
        }
        // 4. Approve.
        ApprovedIssuance approved = approve(workload, request);
        // 5. Plan.
        Instant now = clock.instant();
        IssuingAuthority authority = active(workload);
        CertificatePlan plan = plan(approved, authority, now);
        // 6. Lint the exact bytes.
        LintedCertificate linted = lint(plan);
        // 7. Durable before signing; the same commit binds the key to its identity.
        IssuanceIntent intent = intent(approved, authority, plan, linted, now);
        persist(intent, approved, renewal ? KeyRule.NEW : KeyRule.OWN);
        refuseRevokedMeanwhile(workload, command.evidence(), intent);
        // 8. Sign.
        X509Certificate leaf = sign(linted, intent);
        // 9. Verify as agents do.
        List<X509Certificate> chain = chain(leaf, authority);
        VerifiedPeer verified = verify(chain, approved.id(), intent);
        // 10. Record the outcome, answer.
        parts.audit.issued(intent, KeyIds.sha256(leaf));
        return new IssuedSvid(verified, chain, RefreshWindow.choose(now, plan.notAfter(), random));
    }

    private void refuseRevoked(AttestedWorkload workload, Evidence evidence)
            throws IssuanceRefused {
        Optional<IssuanceBlocks.Block> block =
                parts.blocks.blocked(
                        parts.rules.identity(workload), workload.podUid(), evidence.peer());
        if (block.isPresent()) {
            throw new IssuanceRefused(
                    Kind.FORBIDDEN,
                    block.get().reason().name(),
                    block.get().message(),
                    Duration.ZERO);
        }
    }

    /** An order that came before the intent was on record did not find it; so nothing is signed. */
    private void refuseRevokedMeanwhile(
            AttestedWorkload workload, Evidence evidence, IssuanceIntent intent)
            throws IssuanceRefused {
        try {
            refuseRevoked(workload, evidence);
        } catch (IssuanceRefused revoked) {
            parts.audit.failed(intent, revoked.reason());
            throw revoked;
        }
    }

    private Priority priority(Evidence evidence) {
        String namespace =
                evidence.peer()
                        .flatMap(peer -> peer.id().serviceAccount())
                        .map(ServiceAccountName::namespace)
                        .orElse("");
        return Priority.of(
                evidence.peer().map(VerifiedPeer::notAfter),
                clock.instant(),
                parts.profiles.forNamespace(namespace).life());
    }

    private AttestedWorkload attest(Evidence evidence) throws IssuanceRefused {
        try {
            return parts.attestors.attest(evidence);
        } catch (AttestationRefused refused) {
            Kind kind = refused.isTransient() ? Kind.UNAVAILABLE : Kind.UNAUTHENTICATED;
            Duration retry = refused.isTransient() ? RETRY_SOON : Duration.ZERO;
            throw new IssuanceRefused(kind, refused.reason().name(), text(refused), retry);
        }
    }

    private CertificateRequest parse(byte[] csr) throws IssuanceRefused {
        try {
            return parts.csrParser.parse(csr);
        } catch (CsrRefused refused) {
            throw invalid(refused);
        }
    }

    private ApprovedIssuance approve(AttestedWorkload workload, CertificateRequest request)
            throws IssuanceRefused {
        try {
            return parts.rules.approve(workload, request);
        } catch (CsrRefused refused) {
            throw invalid(refused);
        }
    }

    private IssuingAuthority active(AttestedWorkload workload) throws IssuanceRefused {
        try {
            return parts.signer.activeFor(
                    workload.account().namespace(), () -> parts.labels.apply(workload));
        } catch (AuthorityRefused refused) {
            throw noAuthority(refused);
        }
    }

    private static IssuanceRefused noAuthority(AuthorityRefused refused) {
        return new IssuanceRefused(
                Kind.UNAVAILABLE,
                "AUTHORITY_" + refused.reason(),
                "no authority can sign now",
                RETRY_SOON);
    }

    private CertificatePlan plan(ApprovedIssuance approved, IssuingAuthority authority, Instant now)
            throws IssuanceRefused {
        IssuanceProfile profile = approved.profile();
        Instant wanted = now.plus(profile.life());
        Instant limit = authority.latestNotAfter();
        Instant notAfter = wanted.isAfter(limit) ? limit : wanted;
        if (notAfter.isBefore(now.plus(profile.minimumLife()))) {
            throw new IssuanceRefused(
                    Kind.UNAVAILABLE,
                    "AUTHORITY_EXPIRING",
                    "authority ends "
                            + limit
                            + " (expected: not before "
                            + now.plus(profile.minimumLife())
                            + ")",
                    RETRY_SOON);
        }
        return new CertificatePlan(
                SerialNumbers.next(random),
                approved.id(),
                profile.serviceNames() ? parts.serviceNames.apply(approved.workload()) : List.of(),
                approved.request().subjectPublicKeyInfo(),
                authority.notBefore(now.minus(profile.backdate())),
                notAfter,
                authority.certificate());
    }

    private LintedCertificate lint(CertificatePlan plan) throws IssuanceRefused {
        try {
            return parts.linter.lint(parts.assembler.toBeSigned(plan), plan);
        } catch (LintRefused refused) {
            throw internal("LINT", text(refused));
        }
    }

    private IssuanceIntent intent(
            ApprovedIssuance approved,
            IssuingAuthority authority,
            CertificatePlan plan,
            LintedCertificate linted,
            Instant now) {
        AttestedWorkload workload = approved.workload();
        return new IssuanceIntent(
                authority.keyId(),
                plan.serial().toString(16),
                approved.id(),
                workload.podName(),
                workload.podUid(),
                workload.nodeName(),
                approved.request().publicKeyHash(),
                KeyIds.sha256(linted.toBeSigned()),
                plan.notBefore(),
                plan.notAfter(),
                now,
                workload.tokenFingerprint(),
                workload.accountUid(),
                Optional.of(lastTokenAt(workload, now)));
    }

    /** A renewal without a token is believed until so long after the last one: carried along. */
    private Instant lastTokenAt(AttestedWorkload workload, Instant now) {
        return workload.tokenFingerprint().isEmpty()
                ? workload.until().minus(parts.maxWithoutToken())
                : now;
    }

    private void persist(IssuanceIntent intent, ApprovedIssuance approved, KeyRule rule)
            throws IssuanceRefused {
        try {
            parts.audit.intend(intent, rule);
        } catch (KeyTaken taken) {
            throw invalid(IssuanceRules.taken(approved.request(), approved.id(), taken.holder()));
        } catch (AuditUnavailable unavailable) {
            throw logUnavailable();
        }
    }

    private X509Certificate sign(LintedCertificate linted, IssuanceIntent intent)
            throws IssuanceRefused {
        try {
            return parts.signer.sign(linted);
        } catch (KeyVaultException unavailable) {
            parts.audit.failed(intent, "KEY_" + unavailable.reason());
            throw new IssuanceRefused(
                    Kind.UNAVAILABLE,
                    "SIGNING_KEY_UNAVAILABLE",
                    "the signing key cannot be used now",
                    RETRY_SOON);
        } catch (AuthorityRefused refused) {
            // What was signed and held back for want of a lease must count as if it existed.
            if (refused.reason() != AuthorityRefused.Reason.PHASE_STALE) {
                parts.audit.failed(intent, "AUTHORITY_" + refused.reason());
            }
            throw noAuthority(refused);
        } catch (RuntimeException fault) {
            parts.audit.failed(intent, "SIGNING_FAULT");
            throw internal("SIGNING", "signing failed");
        }
    }

    private VerifiedPeer verify(List<X509Certificate> chain, SpiffeId id, IssuanceIntent intent)
            throws IssuanceRefused {
        try {
            return parts.verifier.verify(chain, id);
        } catch (TrustRefused refused) {
            // It was signed, so the log must not say that it was not.
            parts.audit.issued(intent, KeyIds.sha256(chain.getFirst()));
            throw internal("VERIFICATION", text(refused));
        }
    }

    private static List<X509Certificate> chain(X509Certificate leaf, IssuingAuthority authority) {
        List<X509Certificate> chain = new ArrayList<>(1 + authority.chain().size());
        chain.add(leaf);
        chain.addAll(authority.chain());
        return chain;
    }

    private static IssuanceRefused invalid(CsrRefused refused) {
        return new IssuanceRefused(
                Kind.INVALID, refused.reason().name(), text(refused), Duration.ZERO);
    }

    private static String text(Exception refused) {
        return String.valueOf(refused.getMessage());
    }

    private static IssuanceRefused logUnavailable() {
        return new IssuanceRefused(
                Kind.UNAVAILABLE,
                "LOG_UNAVAILABLE",
                "the log cannot be written now, nothing was signed",
                RETRY_SOON);
    }

    private static IssuanceRefused internal(String reason, String message) {
        return new IssuanceRefused(Kind.INTERNAL, "INTERNAL_" + reason, message, Duration.ZERO);
    }
}
