package dev.countersign.server.lint;

import java.util.Arrays;
import java.util.Optional;

/** The key that was asked for, byte for byte. */
final class PublicKeyAsPlanned implements LintRule {
    @Override
    public String name() {
        return "public-key-as-planned";
    }

    @Override
    public Optional<String> check(Subject subject) {
        return LintRule.unless(
                Arrays.equals(
                        subject.tbs().subjectPublicKeyInfo(),
                        subject.plan().subjectPublicKeyInfo()),
                () -> "another key",
                () -> "the planned one");
    }
}
