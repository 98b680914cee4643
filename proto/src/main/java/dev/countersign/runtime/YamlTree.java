package dev.countersign.runtime;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * YAML as a tree of maps, lists and scalars that are text. Strict: no duplicate key, no alias or
 * anchor, no depth over 16; so a small file stays small.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;
    private static final YAMLFactory YAML = new YAMLFactory();

    private final YAMLParser parser;

    private YamlTree(YAMLParser parser) {
        this.parser = parser;
    }

    /** The document's root map; an empty document is an empty map. */
    static Map<String, Object> parse(String text) throws IOException {
        try (YAMLParser parser = YAML.createParser(text)) {
            if (parser.nextToken() == null) {
                return Map.of();
            }
            Object root = new YamlTree(parser).value(0);
            if (parser.nextToken() != null) {
                throw new IOException("a second document (expected: one)");
            }
            if (root instanceof Map<?, ?> map) {
                return strings(map);
            }
            if (root instanceof Optional<?>) {
                return Map.of();
            }
            throw new IOException("not a mapping (expected: key: value)");
        }
    }

    private Object value(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("nested deeper than " + MAX_DEPTH + at());
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw new IOException("an alias or anchor" + at() + " (expected: none)");
        }
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(depth);
            case START_ARRAY -> array(depth);
            case VALUE_NULL -> Optional.empty();
            default -> text();
        };
    }

    private Map<String, Object> object(int depth) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            if (map.put(key, value(depth + 1)) != null) {
                throw new IOException("key " + key + " twice" + at() + " (expected: once)");
            }
        }
        return map;
    }

    private List<Object> array(int depth) throws IOException {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(depth + 1));
        }
        return list;
    }

    private String text() throws IOException {
        @Nullable String text = parser.getText();
        return text == null ? "" : text;
    }

    private String at() {
        return " at line " + parser.currentLocation().getLineNr();
    }

    @SuppressWarnings("unchecked") // object() is the only maker of maps here
    private static Map<String, Object> strings(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }
}
