package dev.countersign.server.issuance;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.authority.IssuingAuthority;
import dev.countersign.server.authority.Signer;
import dev.countersign.server.issuance.ReservedNameRefused.Reason;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintRefused;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Certifies Countersign's own names, the server's, its webhooks' and the operators', by the steps of every other
 * certificate: plan, lint, durable intent, signature, outcome, the verifier that agents run. Who may
 * have such a name is decided before.
 */
public final class ReservedNameIssuer {
    /** What it works with; wired once. */
    public record Parts(
            Signer signer,
            CertificateAssembler assembler,
            AuditTrail audit,
            SvidVerifier verifier) {}

    private final Parts parts;
    private final Linter linter;
    private final Duration minLife;
    private final SecureRandom random;

    /**
     * @param purpose whose names; the linter refuses any other
     * @param minLife a certificate that the authority's end would cut below this is refused
     * @param maxLife most life that {@link #issue} is asked for
     */
    public ReservedNameIssuer(
            Parts parts,
            LintProfile.Purpose purpose,
            Duration minLife,
            Duration maxLife,
            SecureRandom random) {
        this.parts = parts;
        this.linter = new Linter(LintProfile.of(purpose, minLife, maxLife));
        this.minLife = minLife;
        this.random = random;
    }

    /**
     * Issues one.
     *
     * @param publicKey SubjectPublicKeyInfo, DER
     * @param life wanted; never beyond the authority's own
     * @return the chain, leaf first, no root
     */
    public List<X509Certificate> issue(SpiffeId id, byte[] publicKey, Duration life, Instant now)
            throws ReservedNameRefused {
        return issue(id, List.of(), publicKey, life, now);
    }

    /**
     * As {@link #issue(SpiffeId, byte[], Duration, Instant)}, with names for who knows no SPIFFE.
     *
     * @param dnsNames of configuration, never of a caller
     */
    public List<X509Certificate> issue(
            SpiffeId id, List<String> dnsNames, byte[] publicKey, Duration life, Instant now)
            throws ReservedNameRefused {
        IssuingAuthority authority = parts.signer().active();
        CertificatePlan plan = plan(id, dnsNames, publicKey, authority, life, now);
        LintedCertificate linted = lint(plan);
        IssuanceIntent intent = intent(plan, linted, authority, now);
        intend(intent);
        X509Certificate leaf = sign(linted, intent);
        // Before the verifier is asked: it was signed, so the log must not say that it was not.
        parts.audit().issued(intent, KeyIds.sha256(leaf));
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(leaf);
        chain.addAll(authority.chain());
        verify(chain, id);
        return List.copyOf(chain);
    }

    private CertificatePlan plan(
            SpiffeId id,
            List<String> dnsNames,
            byte[] publicKey,
            IssuingAuthority authority,
            Duration life,
            Instant now)
            throws ReservedNameRefused {
        Instant wanted = now.plus(life);
        Instant limit = authority.latestNotAfter();
        Instant notAfter = wanted.isAfter(limit) ? limit : wanted;
        if (notAfter.isBefore(now.plus(minLife))) {
            throw new ReservedNameRefused(
                    Reason.AUTHORITY_EXPIRING,
                    "authority: until " + limit + " (expected: >= " + now.plus(minLife) + ")");
        }
        return new CertificatePlan(
                SerialNumbers.next(random),
                id,
                dnsNames,
                publicKey,
                authority.notBefore(now.minus(LintProfile.BACKDATE)),
                notAfter,
                authority.certificate());
    }

    private LintedCertificate lint(CertificatePlan plan) throws ReservedNameRefused {
        try {
            return linter.lint(parts.assembler().toBeSigned(plan), plan);
        } catch (LintRefused e) {
            throw new ReservedNameRefused(Reason.LINT_REFUSED, plan.id(), e);
        }
    }

    private static IssuanceIntent intent(
            CertificatePlan plan,
            LintedCertificate linted,
            IssuingAuthority authority,
            Instant now) {
        return new IssuanceIntent(
                authority.keyId(),
                plan.serial().toString(16),
                plan.id(),
                "",
                "",
                Optional.empty(),
                KeyIds.sha256(plan.subjectPublicKeyInfo()),
                KeyIds.sha256(linted.toBeSigned()),
                plan.notBefore(),
                plan.notAfter(),
                now,
                "");
    }

    private void intend(IssuanceIntent intent) throws ReservedNameRefused {
        try {
            parts.audit().intend(intent);
        } catch (AuditUnavailable e) {
            throw new ReservedNameRefused(Reason.LOG_UNAVAILABLE, intent.id(), e);
        }
    }

    private X509Certificate sign(LintedCertificate linted, IssuanceIntent intent)
            throws ReservedNameRefused {
        try {
            return parts.signer().sign(linted);
        } catch (KeyVaultException e) {
            parts.audit().failed(intent, "KEY_" + e.reason());
            throw new ReservedNameRefused(Reason.KEY_UNAVAILABLE, intent.id(), e);
        } catch (RuntimeException e) {
            parts.audit().failed(intent, "SIGNING_FAULT");
            throw e;
        }
    }

    private void verify(List<X509Certificate> chain, SpiffeId id) throws ReservedNameRefused {
        try {
            parts.verifier().verify(chain, id);
        } catch (TrustRefused e) {
            throw new ReservedNameRefused(Reason.NOT_BELIEVED, id, e);
        }
    }
}
