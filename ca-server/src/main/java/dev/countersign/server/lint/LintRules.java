package dev.countersign.server.lint;

import java.util.List;

/** The list of rules: to add one, write a class and name it here. */
final class LintRules {
    static final List<LintRule> ALL =
            List.of(
                    new CanonicalDer(),
                    new VersionThree(),
                    new SerialNumber(),
                    new SignatureAlgorithm(),
                    new IssuerName(),
                    new EmptySubject(),
                    new ValidityAsPlanned(),
                    new ValidityWithinIssuer(),
                    new ValidityWithinProfile(),
                    new PublicKeyAsPlanned(),
                    new KnownExtensions(),
                    new ExactUriSan(),
                    new PlannedNamesOnly(),
                    new SanCritical(),
                    new TrustDomainOfIssuer(),
                    new PathOfPurpose(),
                    new NotCa(),
                    new KeyUsage(),
                    new ExtendedKeyUsage(),
                    new SubjectKeyId(),
                    new AuthorityKeyId());

    private LintRules() {}
}
