package dev.countersign.server.lint;

import java.util.ArrayList;
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
        List<String> others = new ArrayList<>(0);
        for (String name : subject.tbs().alternativeNames()) {
            if (!name.startsWith("URI:")) {
                others.add(name);
            }
        }
        List<String> planned = subject.plan().dnsNames();
        List<String> expected =
                planned.isEmpty() ? List.of() : planned.stream().map(n -> "DNS:" + n).toList();
        return LintRule.unless(
                others.equals(expected), () -> others.toString(), () -> expected.toString());
    }
}
