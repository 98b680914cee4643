package dev.countersign.server.lint;

import java.util.List;
import java.util.Optional;

/** Besides the URI, the planned DNS names in their order and nothing else. */
final class PlannedNamesOnly implements LintRule {
    @Override
    public String name() {
        return "planned-names-only";
    }

    @Override
    public Optional<String> check(Subject subject) {
        List<String> others =
                subject.tbs().alternativeNames().stream()
                        .filter(n -> !n.startsWith("URI:"))
                        .toList();
        List<String> expected = subject.plan().dnsNames().stream().map(n -> "DNS:" + n).toList();
        return LintRule.unless(
                others.equals(expected), () -> others.toString(), () -> expected.toString());
    }
}
