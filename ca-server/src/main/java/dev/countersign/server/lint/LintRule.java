package dev.countersign.server.lint;

import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.IssuerView;
import dev.countersign.server.x509.TbsView;
import java.util.Optional;
import java.util.function.Supplier;

/** One rule of the profile. Stateless; one class each, listed in {@link LintRules}. */
interface LintRule {
    /** Stable, in kebab case: it starts every finding. */
    String name();

    /**
     * Looks at one certificate.
     *
     * @return {@code value (expected: …)} when the rule is broken
     */
    Optional<String> check(Subject subject);

    /** A finding, or none when {@code kept}. */
    static Optional<String> unless(
            boolean kept, Supplier<String> value, Supplier<String> expectation) {
        return kept
                ? Optional.empty()
                : Optional.of(value.get() + " (expected: " + expectation.get() + ")");
    }

    /**
     * What a rule may look at.
     *
     * @param tbs the exact bytes to be signed, read back
     * @param plan what they were to say
     * @param issuer who is to sign
     * @param profile the bounds
     */
    record Subject(TbsView tbs, CertificatePlan plan, IssuerView issuer, LintProfile profile) {}
}
