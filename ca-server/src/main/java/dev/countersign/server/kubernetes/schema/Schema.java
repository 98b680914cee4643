package dev.countersign.server.kubernetes.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** One node of a structural schema. Immutable: each method gives another one. */
final class Schema {
    private final SequencedMap<String, Object> node;

    private Schema(SequencedMap<String, Object> node) {
        this.node = Collections.unmodifiableSequencedMap(node);
    }

    /** An object that keeps what it does not know, for the parser to refuse. */
    static Schema object(String description) {
        return described("object", description).with("x-kubernetes-preserve-unknown-fields", true);
    }

    /** What the API server knows by itself. */
    static Schema metadata() {
        SequencedMap<String, Object> node = new LinkedHashMap<>();
        node.put("type", "object");
        return new Schema(node);
    }

    /** An object whose fields have any name. */
    static Schema map(String description, Schema values) {
        return described("object", description).with("additionalProperties", values.node);
    }

    static Schema list(String description, Schema items) {
        return described("array", description).with("items", items.node);
    }

    static Schema text(String description) {
        return described("string", description);
    }

    static Schema bool(String description) {
        return described("boolean", description);
    }

    static Schema integer(String description) {
        return described("integer", description).with("format", "int64");
    }

    static Schema time(String description) {
        return described("string", description).with("format", "date-time");
    }

    Schema field(String name, Schema schema) {
        return inside("properties", name, schema.node);
    }

    Schema required(String... names) {
        return with("required", List.of(names));
    }

    /** Any of these fields, or all of them. */
    Schema anyOf(String... names) {
        List<Map<String, Object>> choices = new ArrayList<>();
        for (String name : names) {
            choices.add(Map.of("required", List.of(name)));
        }
        return with("anyOf", choices);
    }

    /** A CEL rule, and what to say where it does not hold. */
    Schema rule(String rule, String message) {
        List<Object> rules = new ArrayList<>();
        if (node.get("x-kubernetes-validations") instanceof List<?> before) {
            rules.addAll(before);
        }
        SequencedMap<String, Object> added = new LinkedHashMap<>();
        added.put("rule", rule);
        added.put("message", message);
        rules.add(added);
        return with("x-kubernetes-validations", List.copyOf(rules));
    }

    Schema values(String... allowed) {
        return with("enum", List.of(allowed));
    }

    Schema pattern(String pattern) {
        return with("pattern", pattern);
    }

    Schema notEmpty() {
        return with("minLength", 1);
    }

    Schema longest(int characters) {
        return with("maxLength", characters);
    }

    Schema mostItems(int items) {
        return with("maxItems", items);
    }

    Schema leastItems(int items) {
        return with("minItems", items);
    }

    Schema mostFields(int fields) {
        return with("maxProperties", fields);
    }

    Schema leastFields(int fields) {
        return with("minProperties", fields);
    }

    /** Entries are told apart by this field, so that several writers can own one each. */
    Schema keyedBy(String field) {
        return with("x-kubernetes-list-type", "map")
                .with("x-kubernetes-list-map-keys", List.of(field));
    }

    /** The node as it is written. */
    SequencedMap<String, Object> node() {
        return node;
    }

    private static Schema described(String type, String description) {
        SequencedMap<String, Object> node = new LinkedHashMap<>();
        node.put("type", type);
        node.put("description", description);
        return new Schema(node);
    }

    private Schema with(String key, Object value) {
        SequencedMap<String, Object> copy = new LinkedHashMap<>(node);
        copy.put(key, value);
        return new Schema(copy);
    }

    private Schema inside(String key, String name, Object value) {
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        if (node.get(key) instanceof Map<?, ?> before) {
            before.forEach((known, schema) -> fields.put(String.valueOf(known), schema));
        }
        fields.put(name, value);
        return with(key, Collections.unmodifiableSequencedMap(fields));
    }
}
