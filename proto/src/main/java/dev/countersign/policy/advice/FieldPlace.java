package dev.countersign.policy.advice;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.Condition;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Where the values of one field stand in a rule.
 *
 * @param part which list of the rule
 * @param index of the source, operation or condition in it
 * @param name of the list of values there, such as {@code notPaths}
 * @param field as an explanation calls it, such as {@code operation.notPaths}
 */
record FieldPlace(Part part, int index, String name, String field) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The rule with other values in this place. */
    Rule change(Rule rule, UnaryOperator<List<String>> change) {
        return switch (part) {
            case FROM ->
                    new Rule(
                            changed(rule.from(), Source.class, change),
                            rule.to(),
                            rule.when(),
                            rule.expression());
            case TO ->
                    new Rule(
                            rule.from(),
                            changed(rule.to(), Operation.class, change),
                            rule.when(),
                            rule.expression());
            case WHEN ->
                    new Rule(
                            rule.from(),
                            rule.to(),
                            changed(rule.when(), Condition.class, change),
                            rule.expression());
        };
    }

    /** The rule for everybody it was for but this caller. */
    static Rule exempt(Rule rule, String principal) {
        List<Source> from = new ArrayList<>();
        List<Source> before =
                rule.from().isEmpty() ? List.of(Source.ofPrincipals(List.of())) : rule.from();
        for (Source source : before) {
            from.add(
                    changed(
                            source,
                            Source.class,
                            "notPrincipals",
                            values -> {
                                List<String> more = new ArrayList<>(values);
                                more.add(principal);
                                return more;
                            }));
        }
        return new Rule(from, rule.to(), rule.when(), rule.expression());
    }

    private <T> List<T> changed(List<T> items, Class<T> type, UnaryOperator<List<String>> change) {
        List<T> after = new ArrayList<>(items);
        after.set(index, changed(items.get(index), type, name, change));
        return after;
    }

    /** By the name of the component: the records have many lists of the same kind. */
    private static <T> T changed(
            T item, Class<T> type, String name, UnaryOperator<List<String>> change) {
        ObjectNode tree = JSON.convertValue(item, ObjectNode.class);
        List<String> values = new ArrayList<>();
        tree.withArray(name).forEach(value -> values.add(value.asText()));
        ArrayNode changed = tree.putArray(name);
        change.apply(values).forEach(changed::add);
        return JSON.convertValue(tree, type);
    }

    /** The lists of a rule. */
    enum Part {
        FROM,
        TO,
        WHEN
    }
}
