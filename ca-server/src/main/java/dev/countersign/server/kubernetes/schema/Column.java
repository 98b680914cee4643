package dev.countersign.server.kubernetes.schema;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A column of {@code kubectl get}.
 *
 * @param wide whether it is shown with {@code -o wide} only
 */
record Column(String name, String type, String path, boolean wide) {
    static Column text(String name, String path) {
        return new Column(name, "string", path, false);
    }

    static Column wideText(String name, String path) {
        return new Column(name, "string", path, true);
    }

    static Column number(String name, String path) {
        return new Column(name, "integer", path, false);
    }

    /** The status of a condition, or its reason. */
    static Column condition(String name, String type, String part) {
        return text(name, ".status.conditions[?(@.type==\"" + type + "\")]." + part);
    }

    static Column age() {
        return new Column("Age", "date", ".metadata.creationTimestamp", false);
    }

    SequencedMap<String, Object> node() {
        SequencedMap<String, Object> node = new LinkedHashMap<>();
        node.put("name", name);
        node.put("type", type);
        node.put("jsonPath", path);
        if (wide) {
            node.put("priority", 1);
        }
        return node;
    }
}
