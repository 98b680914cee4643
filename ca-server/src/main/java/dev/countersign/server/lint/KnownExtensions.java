package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.ExtensionView;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Exactly the six extensions of the profile, each of the criticality it has there. */
final class KnownExtensions implements LintRule {
    private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    private static final Map<String, Boolean> EXPECTED =
            new TreeMap<>(
                    Map.of(
                            "2.5.29.14",
                            false,
                            "2.5.29.15",
                            true,
                            SUBJECT_ALTERNATIVE_NAME,
                            true,
                            "2.5.29.19",
                            true,
                            "2.5.29.35",
                            false,
                            "2.5.29.37",
                            false));

    @Override
    public String name() {
        return "known-extensions";
    }

    @Override
    public Optional<String> check(Subject subject) {
        Map<String, Boolean> found = new TreeMap<>();
        for (ExtensionView extension : subject.tbs().extensions()) {
            found.put(extension.oid(), extension.critical());
        }
        // Criticality of names is a rule of its own.
        found.computeIfPresent(SUBJECT_ALTERNATIVE_NAME, (oid, critical) -> true);
        return LintRule.unless(
                found.equals(EXPECTED),
                () -> "critical by OID " + found,
                () -> EXPECTED.toString());
    }
}
