package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.lint.AuthorityLinter;
import dev.countersign.server.lint.LintRefused;
import dev.countersign.server.lint.LintedAuthority;
import dev.countersign.server.x509.AuthorityPlan;
import dev.countersign.server.x509.AuthorityPlan.Role;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.SerialNumbers;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Makes signing certificates: plan, lint, sign, and a check of the signature with the public key. */
final class Certifier {
    /** Room for replicas and agents whose clocks lag, and for clocks that are set back a little. */
    static final Duration ROOT_BACKDATE = Duration.ofHours(1);

    /** Leaves are backdated 5 minutes and must not predate their issuer. */
    static final Duration INTERMEDIATE_BACKDATE = Duration.ofMinutes(10);

    /** Root, online issuer, replica, leaf: the deepest shape there is needs 2. */
    private static final int ROOT_PATH_LENGTH = 2;

    private final CertificateAssembler assembler;
    private final AuthorityLinter linter = new AuthorityLinter();
    private final SecureRandom random;

    Certifier(CertificateAssembler assembler, SecureRandom random) {
        this.assembler = assembler;
        this.random = random;
    }

    X509Certificate root(TrustDomain domain, SigningKey key, Instant now, Duration life)
            throws KeyVaultException {
        AuthorityPlan plan =
                new AuthorityPlan(
                        SerialNumbers.next(random),
                        domain,
                        Role.ROOT,
                        key.publicKey().getEncoded(),
                        now.minus(ROOT_BACKDATE),
                        now.plus(life),
                        ROOT_PATH_LENGTH,
                        Optional.empty());
        return certify(plan, key);
    }

    /** An intermediate that lives {@code life}, or as long as its issuer if that ends before. */
    X509Certificate intermediate(
            TrustDomain domain,
            boolean constrainNames,
            PublicKey key,
            Instant now,
            Duration life,
            X509Certificate issuer,
            SigningKey issuerKey)
            throws KeyVaultException {
        AuthorityPlan plan =
                new AuthorityPlan(
                        SerialNumbers.next(random),
                        domain,
                        Role.INTERMEDIATE,
                        key.getEncoded(),
                        later(now.minus(INTERMEDIATE_BACKDATE), issuer.getNotBefore().toInstant()),
                        earlier(now.plus(life), issuer.getNotAfter().toInstant()),
                        0,
                        Optional.of(issuer),
                        constrainNames);
        return certify(plan, issuerKey);
    }

    /**
     * A root's name and key, signed by another root: who knows that one believes what stands under
     * this one.
     *
     * @return empty when {@code root} has a name that is not of our making
     */
    Optional<X509Certificate> cross(
            TrustDomain domain, X509Certificate root, KnownRoot by, SigningKey byKey, Instant now)
            throws KeyVaultException {
        AuthorityPlan plan =
                new AuthorityPlan(
                        SerialNumbers.next(random),
                        domain,
                        Role.ROOT,
                        root.getPublicKey().getEncoded(),
                        later(
                                later(
                                        now.minus(INTERMEDIATE_BACKDATE),
                                        root.getNotBefore().toInstant()),
                                by.certificate().getNotBefore().toInstant()),
                        earlier(root.getNotAfter().toInstant(), by.notAfter()),
                        ROOT_PATH_LENGTH - 1,
                        Optional.of(by.certificate()));
        return Optional.of(certify(plan, byKey))
                .filter(cross ->
                        cross.getSubjectX500Principal().equals(root.getSubjectX500Principal()));
    }

    private X509Certificate certify(AuthorityPlan plan, SigningKey issuerKey)
            throws KeyVaultException {
        PublicKey publicKey = issuerKey.publicKey();
        byte[] bytes = lint(assembler.toBeSigned(plan, publicKey), plan, publicKey).use();
        X509Certificate certificate =
                assembler.certificate(bytes, publicKey, issuerKey.sign(bytes));
        try {
            certificate.verify(publicKey);
        } catch (GeneralSecurityException e) {
            throw new AuthorityRefused(
                    Reason.CERTIFICATE_REFUSED,
                    plan.commonName() + ": signature does not verify (expected: by its issuer)",
                    e);
        }
        return certificate;
    }

    private LintedAuthority lint(byte[] toBeSigned, AuthorityPlan plan, PublicKey issuerKey) {
        try {
            return linter.lint(toBeSigned, plan, issuerKey);
        } catch (LintRefused e) {
            throw new AuthorityRefused(
                    Reason.CERTIFICATE_REFUSED, plan.commonName() + ": " + e.getMessage(), e);
        }
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
