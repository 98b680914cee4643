package dev.countersign.server.lint;

import dev.countersign.server.x509.IssuerView;
import java.util.Optional;

/** A leaf never outlives its issuer, and never predates it. */
final class ValidityWithinIssuer implements LintRule {
    @Override
    public String name() {
        return "validity-within-issuer";
    }

    @Override
    public Optional<String> check(Subject subject) {
        IssuerView issuer = subject.issuer();
        boolean kept =
                !subject.tbs().notAfter().isAfter(issuer.notAfter())
                        && !subject.tbs().notBefore().isBefore(issuer.notBefore());
        return LintRule.unless(
                kept,
                () -> subject.tbs().notBefore() + "/" + subject.tbs().notAfter(),
                () -> "within " + issuer.notBefore() + "/" + issuer.notAfter());
    }
}
