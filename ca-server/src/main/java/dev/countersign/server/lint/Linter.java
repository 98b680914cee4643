package dev.countersign.server.lint;

import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.IssuerView;
import dev.countersign.server.x509.TbsView;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs every rule over the exact bytes to be signed: the only maker of {@link LintedCertificate}.
 * Thread-safe.
 */
public final class Linter {
    private final LintProfile profile;

    /** Of the issuer seen last; issuers change about once a day. */
    private volatile @Nullable Issuer issuer;

    public Linter(LintProfile profile) {
        this.profile = profile;
    }

    /**
     * Checks one certificate against the whole list.
     *
     * @param toBeSigned DER TBSCertificate made from {@code plan}
     * @throws LintRefused with every rule that is broken
     */
    public LintedCertificate lint(byte[] toBeSigned, CertificatePlan plan) throws LintRefused {
        byte[] exact = toBeSigned.clone();
        List<String> findings = findings(exact, plan);
        if (!findings.isEmpty()) {
            throw new LintRefused(findings);
        }
        return new LintedCertificate(exact, plan);
    }

    private List<String> findings(byte[] toBeSigned, CertificatePlan plan) {
        TbsView tbs;
        try {
            tbs = TbsView.parse(toBeSigned);
        } catch (TbsView.MalformedTbs e) {
            return List.of("canonical-der: " + e.getMessage());
        }
        LintRule.Subject subject = new LintRule.Subject(tbs, plan, issuer(plan.issuer()), profile);
        List<String> findings = new ArrayList<>();
        for (LintRule rule : LintRules.ALL) {
            check(rule, subject, findings);
        }
        return findings;
    }

    /** A rule that cannot even read what it looks at has found something. */
    private static void check(LintRule rule, LintRule.Subject subject, List<String> findings) {
        try {
            rule.check(subject).ifPresent(finding -> findings.add(rule.name() + ": " + finding));
        } catch (IllegalArgumentException | IllegalStateException e) {
            findings.add(rule.name() + ": unreadable (expected: RFC 5280 structure)");
        }
    }

    private IssuerView issuer(X509Certificate certificate) {
        Issuer current = issuer;
        if (current == null || !current.certificate().equals(certificate)) {
            current = new Issuer(certificate, IssuerView.of(certificate));
            issuer = current;
        }
        return current.view();
    }

    private record Issuer(X509Certificate certificate, IssuerView view) {}
}
