package dev.countersign.server.lint;

import java.util.List;
import java.util.Optional;

/**
 * The ID is of the trust domain that the issuer's own SPIFFE ID names (X509-SVID section 4.1).
 */
final class TrustDomainOfIssuer implements LintRule {
    @Override
    public String name() {
        return "trust-domain-of-issuer";
    }

    @Override
    public Optional<String> check(Subject subject) {
        String expected = "URI:" + subject.plan().id().trustDomain().id();
        return LintRule.unless(
                subject.issuer().alternativeNames().equals(List.of(expected)),
                () -> "issuer " + subject.issuer().alternativeNames(),
                () -> expected);
    }
}
