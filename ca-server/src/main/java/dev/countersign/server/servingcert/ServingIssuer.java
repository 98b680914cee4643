package dev.countersign.server.servingcert;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.authority.IssuingAuthority;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintProfile.Purpose;
import dev.countersign.server.lint.LintRefused;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.servingcert.ServingCertificate.Held;
import dev.countersign.server.servingcert.ServingRefused.Reason;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.trust.TrustRefused;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Issues the server's certificate by the steps of every other: plan, lint, durable intent, signature,
 * the verifier that agents run, outcome.
 */
final class ServingIssuer {
    /** Less is not worth a rotation: the authority is about to be replaced, or the root ends. */
    private static final Duration MIN_LIFE = Duration.ofMinutes(1);

    private final ServingCertificate.Parts parts;
    private final Duration life;
    private final SecureRandom random;
    private final SpiffeId id;
    private final Linter linter;

    ServingIssuer(ServingCertificate.Parts parts, Duration life, SecureRandom random) {
        this.parts = parts;
        this.life = life;
        this.random = random;
        id = WellKnownIds.caServer(parts.trustDomain());
        linter = new Linter(LintProfile.of(Purpose.CA_SERVER, MIN_LIFE, life));
    }

    Held issue(Instant now) {
        IssuingAuthority authority = parts.signer().active();
        KeyPair keys = newKeys();
        CertificatePlan plan = plan(authority, keys.getPublic().getEncoded(), now);
        LintedCertificate linted = lint(plan);
        IssuanceIntent intent = intent(plan, linted, authority, now);
        intend(intent);
        X509Certificate leaf = sign(linted, intent);
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(leaf);
        chain.addAll(authority.chain());
        parts.audit().issued(intent, KeyIds.sha256(encoded(leaf)));
        verify(chain);
        return new Held(chain, keys.getPrivate(), now);
    }

    private CertificatePlan plan(IssuingAuthority authority, byte[] publicKey, Instant now) {
        Instant wanted = now.plus(life);
        Instant limit = authority.latestNotAfter();
        Instant notAfter = wanted.isAfter(limit) ? limit : wanted;
        if (notAfter.isBefore(now.plus(MIN_LIFE))) {
            throw new ServingRefused(
                    Reason.AUTHORITY_EXPIRING,
                    "authority: until " + limit + " (expected: >= " + now.plus(MIN_LIFE) + ")");
        }
        return new CertificatePlan(
                SerialNumbers.next(random),
                id,
                List.of(),
                publicKey,
                now.minus(LintProfile.BACKDATE),
                notAfter,
                authority.certificate());
    }

    private LintedCertificate lint(CertificatePlan plan) {
        try {
            return linter.lint(parts.assembler().toBeSigned(plan), plan);
        } catch (LintRefused e) {
            throw new ServingRefused(Reason.LINT_REFUSED, "own certificate", e);
        }
    }

    private IssuanceIntent intent(
            CertificatePlan plan,
            LintedCertificate linted,
            IssuingAuthority authority,
            Instant now) {
        return new IssuanceIntent(
                authority.keyId(),
                plan.serial().toString(16),
                id,
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

    private void intend(IssuanceIntent intent) {
        try {
            parts.audit().intend(intent);
        } catch (AuditUnavailable e) {
            throw new ServingRefused(Reason.LOG_UNAVAILABLE, "own certificate", e);
        }
    }

    private X509Certificate sign(LintedCertificate linted, IssuanceIntent intent) {
        try {
            return parts.signer().sign(linted);
        } catch (KeyVaultException e) {
            parts.audit().failed(intent, "KEY_" + e.reason());
            throw new ServingRefused(Reason.KEY_UNAVAILABLE, "own certificate", e);
        } catch (RuntimeException e) {
            parts.audit().failed(intent, "SIGNING_FAULT");
            throw e;
        }
    }

    /** After the outcome: it was signed, so the log must not say that it was not. */
    private void verify(List<X509Certificate> chain) {
        try {
            parts.verifier().verify(chain, id);
        } catch (TrustRefused e) {
            throw new ServingRefused(Reason.NOT_BELIEVED, "own certificate", e);
        }
    }

    /** By the JDK's own provider: every TLS implementation takes its keys. */
    private KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new ServingRefused(Reason.KEY_UNAVAILABLE, "own key", e);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate: does not encode (expected: DER)", e);
        }
    }
}
