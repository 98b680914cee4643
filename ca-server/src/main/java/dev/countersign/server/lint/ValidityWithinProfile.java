package dev.countersign.server.lint;

import java.time.Duration;
import java.util.Optional;

/** The life that the profile allows. */
final class ValidityWithinProfile implements LintRule {
    @Override
    public String name() {
        return "validity-within-profile";
    }

    @Override
    public Optional<String> check(Subject subject) {
        Duration life = Duration.between(subject.tbs().notBefore(), subject.tbs().notAfter());
        Duration min = subject.profile().minLife();
        Duration max = subject.profile().maxLife();
        return LintRule.unless(
                life.compareTo(min) >= 0 && life.compareTo(max) <= 0,
                () -> life.toString(),
                () -> min + " to " + max);
    }
}
