package dev.countersign.server.lint;

import java.util.Optional;

/** Extensions need version 3 (RFC 5280 section 4.1.2.1); unique ids are never used. */
final class VersionThree implements LintRule {
    @Override
    public String name() {
        return "version-three";
    }

    @Override
    public Optional<String> check(Subject subject) {
        int version = subject.tbs().version();
        boolean ids = subject.tbs().hasUniqueIds();
        return LintRule.unless(
                version == 3 && !ids,
                () -> "v" + version + (ids ? " with unique ids" : ""),
                () -> "v3 without");
    }
}
