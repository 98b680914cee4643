package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.ExtensionView;
import java.util.List;
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
        List<ExtensionView> found = subject.tbs().extensions();
        boolean kept = found.size() == EXPECTED.size();
        for (ExtensionView extension : found) {
            kept &= isKnown(extension);
        }
        return LintRule.unless(
                kept, () -> "critical by OID " + byOid(found), () -> EXPECTED.toString());
    }

    private static boolean isKnown(ExtensionView extension) {
        Boolean critical = EXPECTED.get(extension.oid());
        // Criticality of names is a rule of its own.
        return critical != null
                && (critical == extension.critical()
                        || extension.oid().equals(SUBJECT_ALTERNATIVE_NAME));
    }

    private static Map<String, Boolean> byOid(List<ExtensionView> extensions) {
        Map<String, Boolean> found = new TreeMap<>();
        extensions.forEach(extension -> found.put(extension.oid(), extension.critical()));
        return found;
    }
}
