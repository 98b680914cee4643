package dev.countersign.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.policy.match.PrintableText;
import dev.countersign.policy.parse.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one object of a test file; those that nobody asked for are refused. */
final class Fields {

    private static final int EXCERPT = 80;

    private final JsonNode object;
    private final String path;
    private final Set<String> known = new LinkedHashSet<>();

    private Fields(JsonNode object, String path) {
        this.object = object;
        this.path = path;
    }

    static Fields of(JsonNode node, String path) throws BadCaseTable {
        if (!node.isObject()) {
            throw bad(path, node, "an object");
        }
        return new Fields(node, path);
    }

    /** The field, or null where it is absent or null. */
    @Nullable JsonNode get(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    JsonNode required(String name, String expected) throws BadCaseTable {
        JsonNode value = get(name);
        if (value == null) {
            throw new BadCaseTable(at(name) + ": nothing (expected: " + expected + ")");
        }
        return value;
    }

    @Nullable String text(String name) throws BadCaseTable {
        JsonNode value = get(name);
        if (value != null && !value.isTextual()) {
            throw bad(at(name), value, "a text");
        }
        return value == null ? null : value.asText();
    }

    String text(String name, String otherwise) throws BadCaseTable {
        String value = text(name);
        return value == null ? otherwise : value;
    }

    /** Within both bounds. */
    int number(String name, int otherwise, int least, int most) throws BadCaseTable {
        JsonNode value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || value.asLong() < least || value.asLong() > most) {
            throw bad(at(name), value, least + " to " + most);
        }
        return value.asInt();
    }

    boolean flag(String name, boolean otherwise) throws BadCaseTable {
        JsonNode value = get(name);
        if (value != null && !value.isBoolean()) {
            throw bad(at(name), value, "true or false");
        }
        return value == null ? otherwise : value.asBoolean();
    }

    /** One of an enum's names, in any case. */
    <E extends Enum<E>> E choice(String name, E otherwise) throws BadCaseTable {
        String value = text(name);
        return value == null ? otherwise : choice(name, value, otherwise.getDeclaringClass());
    }

    <E extends Enum<E>> E choice(String name, String value, Class<E> type) throws BadCaseTable {
        String wanted = value.toUpperCase(Locale.ROOT);
        for (E one : type.getEnumConstants()) {
            if (one.name().equals(wanted)) {
                return one;
            }
        }
        String all =
                Arrays.stream(type.getEnumConstants())
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
        throw new BadCaseTable(at(name) + ": " + shown(value) + " (expected: one of " + all + ")");
    }

    @Nullable Fields object(String name) throws BadCaseTable {
        JsonNode value = get(name);
        return value == null ? null : of(value, at(name));
    }

    /** The items of a list; none where the field is absent. */
    List<JsonNode> items(String name) throws BadCaseTable {
        JsonNode value = get(name);
        List<JsonNode> items = new ArrayList<>();
        if (value != null) {
            if (!value.isArray()) {
                throw bad(at(name), value, "a list");
            }
            value.forEach(items::add);
        }
        return items;
    }

    List<String> texts(String name) throws BadCaseTable {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : items(name)) {
            if (!item.isTextual()) {
                throw bad(at(name), item, "texts");
            }
            texts.add(item.asText());
        }
        return texts;
    }

    /** An object of texts. */
    Map<String, String> map(String name) throws BadCaseTable {
        Map<String, String> map = new LinkedHashMap<>();
        JsonNode value = get(name);
        if (value != null) {
            for (Map.Entry<String, JsonNode> one : of(value, at(name)).object.properties()) {
                if (!one.getValue().isTextual()) {
                    throw bad(at(name) + "." + one.getKey(), one.getValue(), "a text, in quotes");
                }
                map.put(one.getKey(), one.getValue().asText());
            }
        }
        return map;
    }

    /** Refuses what was not asked for. */
    void finish() throws BadCaseTable {
        for (Map.Entry<String, JsonNode> one : object.properties()) {
            if (!known.contains(one.getKey())) {
                String expected =
                        Suggestion.of(one.getKey(), known)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("one of " + String.join(", ", known));
                throw new BadCaseTable(
                        at(shown(one.getKey())) + ": unknown (expected: " + expected + ")");
            }
        }
    }

    String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    static BadCaseTable bad(String where, JsonNode value, String expected) {
        return new BadCaseTable(
                where + ": " + shown(value.toString()) + " (expected: " + expected + ")");
    }

    private static String shown(String text) {
        return PrintableText.excerpt(text, EXCERPT);
    }
}
