package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A tree that is being changed, and the changes as a JSON patch (RFC 6902), one operation each. Adding
 * where there is no parent adds the parent with it.
 */
final class JsonEdits {
    private final ObjectNode tree;
    private final ArrayNode patch = JsonNodeFactory.instance.arrayNode();

    /** Works on a copy. */
    JsonEdits(ObjectNode original) {
        tree = original.deepCopy();
    }

    ObjectNode tree() {
        return tree;
    }

    ArrayNode patch() {
        return patch;
    }

    /** Sets a member of the object at {@code parent}, which is made where it is missing. */
    void put(String parent, String name, JsonNode value) {
        JsonNode at = tree.at(parent);
        if (at instanceof ObjectNode object) {
            String path = parent + "/" + escaped(name);
            if (!object.has(name)) {
                record("add", path, value);
            } else if (!object.path(name).equals(value)) {
                record("replace", path, value);
            }
            object.set(name, value);
            return;
        }
        ObjectNode fresh = JsonNodeFactory.instance.objectNode();
        fresh.set(name, value);
        put(head(parent), last(parent), fresh);
    }

    /** Appends to the list at {@code path}, which is made where it is missing. */
    void append(String path, JsonNode value) {
        if (tree.at(path) instanceof ArrayNode list) {
            list.add(value);
            record("add", path + "/-", value);
        } else {
            put(head(path), last(path), JsonNodeFactory.instance.arrayNode().add(value));
        }
    }

    /** Puts it before all that is in the list at {@code path}, which is made where it is missing. */
    void insert(String path, int index, JsonNode value) {
        if (tree.at(path) instanceof ArrayNode list) {
            list.insert(index, value);
            record("add", path + "/" + index, value);
        } else {
            append(path, value);
        }
    }

    private void record(String operation, String path, JsonNode value) {
        patch.addObject()
                .put("op", operation)
                .put("path", path)
                // As it is now: what is changed in it later is an operation of its own.
                .set("value", value.deepCopy());
    }

    private static String head(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    private static String last(String path) {
        return JsonPointer.compile(path).last().getMatchingProperty();
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
