package dev.countersign.edges;

import dev.countersign.edges.SuggestedRule.Evidence;
import dev.countersign.edges.SuggestedRule.Operation;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** One policy as YAML, each value on a line of its own with what it rests on. */
final class SuggestionYaml {
    private final StringBuilder text = new StringBuilder();

    SuggestionYaml(
            String namespace,
            String name,
            Map<String, String> selector,
            List<SuggestedRule> rules) {
        line(0, "apiVersion: countersign.dev/v1");
        line(0, "kind: AuthorizationPolicy");
        line(0, "metadata:");
        line(1, "name: " + quoted(name));
        line(1, "namespace: " + quoted(namespace));
        line(0, "spec:");
        line(1, "action: ALLOW");
        if (!selector.isEmpty()) {
            line(1, "selector:");
            line(2, "matchLabels:");
            selector.forEach((key, value) -> line(3, quoted(key) + ": " + quoted(value)));
        }
        line(1, "rules:");
        rules.forEach(this::rule);
    }

    String text() {
        return text.toString();
    }

    private void rule(SuggestedRule rule) {
        line(1, "- from:");
        line(2, "- source:");
        line(4, "principals:");
        values(rule.callers());
        line(2, "to:");
        rule.operations().forEach(this::operation);
    }

    private void operation(Operation operation) {
        line(2, "- operation:");
        line(
                4,
                "ports: ["
                        + quoted(Integer.toString(operation.port()))
                        + "]"
                        + seen(operation.all()));
        if (!operation.methods().isEmpty()) {
            line(
                    4,
                    "methods: ["
                            + operation.methods().stream()
                                    .map(SuggestionYaml::quoted)
                                    .collect(Collectors.joining(", "))
                            + "]");
        } else if (!operation.paths().isEmpty()) {
            line(4, "# any method: more were seen than are told apart");
        }
        if (!operation.paths().isEmpty()) {
            line(4, "paths:");
            values(operation.paths());
        }
    }

    private void values(SortedMap<String, Evidence> values) {
        values.forEach((value, evidence) -> line(4, "- " + quoted(value) + seen(evidence)));
    }

    private static String seen(Evidence evidence) {
        return "  # "
                + evidence.count()
                + (evidence.count() == 1 ? " time, last " : " times, last ")
                + evidence.last().truncatedTo(ChronoUnit.SECONDS);
    }

    private void line(int depth, String content) {
        text.append("  ".repeat(depth)).append(content).append('\n');
    }

    /** Double quotes: what is in it came from callers. */
    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
