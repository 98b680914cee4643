package dev.countersign.server.lint;

import java.util.HexFormat;
import java.util.Optional;

/** No subject at all, so no common name that somebody might match (X509-SVID section 2). */
final class EmptySubject implements LintRule {
    @Override
    public String name() {
        return "empty-subject";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] name = subject.tbs().subject();
        return LintRule.unless(
                name.length == 2 && name[0] == 0x30 && name[1] == 0,
                () -> HexFormat.of().formatHex(name),
                () -> "3000, empty");
    }
}
