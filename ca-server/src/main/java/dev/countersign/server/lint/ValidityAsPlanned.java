package dev.countersign.server.lint;

import java.time.Instant;
import java.util.Optional;

/** Exactly the planned times, the first before the second. */
final class ValidityAsPlanned implements LintRule {
    @Override
    public String name() {
        return "validity-as-planned";
    }

    @Override
    public Optional<String> check(Subject subject) {
        Instant notBefore = subject.tbs().notBefore();
        Instant notAfter = subject.tbs().notAfter();
        boolean kept =
                notBefore.isBefore(notAfter)
                        && notBefore.equals(subject.plan().notBefore())
                        && notAfter.equals(subject.plan().notAfter());
        return LintRule.unless(
                kept,
                () -> notBefore + "/" + notAfter,
                () ->
                        subject.plan().notBefore()
                                + "/"
                                + subject.plan().notAfter()
                                + ", in this order");
    }
}
