package dev.countersign.policy.advice;

import dev.countersign.policy.Rule;
import java.util.List;
import java.util.StringJoiner;

/** A rule of one source and one operation in YAML's flow style, as it can be pasted. */
final class RuleText {

    private RuleText() {}

    static String of(Rule rule) {
        StringJoiner parts = new StringJoiner(", ", "{", "}");
        rule.from()
                .forEach(source ->
                        parts.add(
                                "from: [{source: {"
                                        + field("principals", source.principals())
                                        + "}}]"));
        rule.to()
                .forEach(operation -> {
                    StringJoiner fields = new StringJoiner(", ", "to: [{operation: {", "}}]");
                    add(fields, "ports", operation.ports());
                    add(fields, "methods", operation.methods());
                    add(fields, "paths", operation.paths());
                    parts.add(fields.toString());
                });
        return parts.toString();
    }

    private static void add(StringJoiner fields, String name, List<String> values) {
        if (!values.isEmpty()) {
            fields.add(field(name, values));
        }
    }

    private static String field(String name, List<String> values) {
        StringJoiner list = new StringJoiner(", ", name + ": [", "]");
        values.forEach(
                value -> list.add("\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\""));
        return list.toString();
    }
}
