package dev.countersign.server.authority;

import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An intermediate with its key: signs leaves, and only within its validity. */
final class Authority {
    private final KnownRoot root;
    private final X509Certificate certificate;
    private final String keyName;
    private final SigningKey key;
    private final Instant notBefore;
    private final Instant notAfter;

    /** Backdated by somebody else, or as old as what signed it: it can be no older. */
    private final boolean young;

    private final IssuingAuthority view;

    Authority(KnownRoot root, X509Certificate certificate, String keyName, SigningKey key) {
        this(root, certificate, root.issuers(), keyName, key);
    }

    /**
     * @param above between it and the root, the nearest first
     */
    Authority(
            KnownRoot root,
            X509Certificate certificate,
            List<X509Certificate> above,
            String keyName,
            SigningKey key) {
        this.root = root;
        this.certificate = certificate;
        this.keyName = keyName;
        this.key = key;
        notBefore = certificate.getNotBefore().toInstant();
        notAfter = certificate.getNotAfter().toInstant();
        young = root.isUpstream() || notBefore.equals(root.signing().getNotBefore().toInstant());
        Instant rootEnd = end(root, above);
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(certificate);
        chain.addAll(above);
        view =
                new IssuingAuthority(
                        certificate,
                        chain,
                        KeyIds.hexOfCertificate(certificate),
                        rootEnd.isBefore(notAfter) ? rootEnd : notAfter);
    }

    private static Instant end(KnownRoot root, List<X509Certificate> above) {
        Instant end = root.signsUntil();
        for (X509Certificate one : above) {
            Instant its = one.getNotAfter().toInstant();
            end = its.isBefore(end) ? its : end;
        }
        return end;
    }

    IssuingAuthority view() {
        return view;
    }

    /** With what shows the way to those who know another root only. */
    IssuingAuthority view(Optional<X509Certificate> cross) {
        return cross.map(above ->
                        new IssuingAuthority(
                                certificate,
                                List.of(certificate, above),
                                view.keyId(),
                                view.latestNotAfter()))
                .orElse(view);
    }

    String keyName() {
        return keyName;
    }

    /** Lower-case hex SHA-256 of its SubjectPublicKeyInfo. */
    String publicKeyHash() {
        return KeyIds.sha256(key.publicKey().getEncoded());
    }

    boolean isUnder(KnownRoot other) {
        return root.equals(other);
    }

    KnownRoot root() {
        return root;
    }

    /** Whether that root vouches for it, by whatever issuer between. */
    boolean leadsTo(KnownRoot other) {
        return root.isSameRoot(other);
    }

    boolean hasIssued(CertificatePlan plan) {
        return certificate.equals(plan.issuer());
    }

    boolean isExpiredAt(Instant now) {
        return !now.isBefore(view.latestNotAfter());
    }

    /**
     * Whether a leaf that is made now, backdated, falls within its validity; below an issuer that was
     * signed just now leaves are backdated less.
     */
    boolean mayIssueAt(Instant now) {
        Instant from = young ? now : now.minus(LintProfile.BACKDATE);
        return !from.isBefore(notBefore) && !isExpiredAt(now);
    }

    /** With a third of its life remaining, or when the clock has left its validity. */
    boolean isDueAt(Instant now) {
        Duration third = Duration.between(notBefore, notAfter).dividedBy(3);
        return !mayIssueAt(now) || !now.isBefore(view.latestNotAfter().minus(third));
    }

    /**
     * Signs within its validity.
     *
     * @throws AuthorityRefused outside of it
     */
    X509Certificate sign(LintedCertificate linted, CertificateAssembler assembler, Instant now)
            throws KeyVaultException {
        checkValidAt(now);
        checkWithin(linted.plan());
        byte[] bytes = linted.use();
        return assembler.certificate(bytes, key.publicKey(), key.sign(bytes));
    }

    private void checkValidAt(Instant now) {
        if (now.isBefore(notBefore)) {
            throw new AuthorityRefused(
                    Reason.ISSUER_NOT_YET_VALID,
                    "authority "
                            + view.keyId()
                            + ": from "
                            + notBefore
                            + " (expected: <= "
                            + now
                            + ")");
        }
        if (isExpiredAt(now)) {
            throw new AuthorityRefused(
                    Reason.ISSUER_EXPIRED,
                    "authority "
                            + view.keyId()
                            + ": until "
                            + view.latestNotAfter()
                            + " (expected: > "
                            + now
                            + ")");
        }
    }

    private void checkWithin(CertificatePlan plan) {
        if (plan.notBefore().isBefore(notBefore)
                || plan.notAfter().isAfter(view.latestNotAfter())) {
            throw new AuthorityRefused(
                    Reason.OUTSIDE_ISSUER_VALIDITY,
                    "plan: "
                            + plan.notBefore()
                            + "/"
                            + plan.notAfter()
                            + " (expected: within "
                            + notBefore
                            + "/"
                            + view.latestNotAfter()
                            + ")");
        }
    }
}
