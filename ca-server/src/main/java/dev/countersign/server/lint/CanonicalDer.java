package dev.countersign.server.lint;

import java.util.Optional;

/** Reading and writing again must give the same bytes: nothing hides between them (X.690). */
final class CanonicalDer implements LintRule {
    @Override
    public String name() {
        return "canonical-der";
    }

    @Override
    public Optional<String> check(Subject subject) {
        return LintRule.unless(
                subject.tbs().canonical(),
                () -> "encodes differently",
                () -> "DER, X.690 section 10");
    }
}
