package dev.countersign.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * YAML as a tree of maps, lists and scalars that are text; null is an empty Optional. Strict: one
 * document, no duplicate key, no alias, anchor or tag, no depth over 16; so a small file stays small.
 *
 * <p>Reads the parser's events and no more of the library, because every start waits for it.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

    private final ParserImpl events;

    private YamlTree(String text) {
        this.events = new ParserImpl(new StreamReader(text), new LoaderOptions());
    }

    /** The document's root map; an empty document is an empty map. */
    static Map<String, Object> parse(String text) throws IOException {
        try {
            return new YamlTree(text).document();
        } catch (MarkedYAMLException malformed) {
            throw refused(malformed.getProblemMark(), malformed.getProblem() + " (expected: YAML)");
        } catch (YAMLException malformed) {
            throw new IOException("a character that YAML does not allow");
        }
    }

    private Map<String, Object> document() throws IOException {
        events.getEvent(); // the stream's start
        Event start = events.getEvent();
        if (start.is(Event.ID.StreamEnd)) {
            return Map.of();
        }
        Event first = events.getEvent();
        Object root = value(first, 0);
        events.getEvent(); // the document's end
        Event end = events.getEvent();
        if (!end.is(Event.ID.StreamEnd)) {
            throw refused(end.getStartMark(), "a second document (expected: one)");
        }
        if (first instanceof MappingStartEvent) {
            return strings((Map<?, ?>) root);
        }
        if (root instanceof Optional<?>) {
            return Map.of();
        }
        throw refused(first.getStartMark(), "not a mapping (expected: key: value)");
    }

    private Object value(Event event, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw refused(event.getStartMark(), "nested deeper than " + MAX_DEPTH);
        }
        if (event instanceof AliasEvent
                || (event instanceof NodeEvent node && node.getAnchor() != null)) {
            throw refused(event.getStartMark(), "an alias or anchor (expected: none)");
        }
        return switch (event) {
            case ScalarEvent scalar when scalar.getTag() == null -> scalar(scalar);
            case MappingStartEvent map when map.getTag() == null -> object(depth);
            case SequenceStartEvent list when list.getTag() == null -> array(depth);
            default -> throw refused(event.getStartMark(), "a tag (expected: none)");
        };
    }

    private static Object scalar(ScalarEvent event) {
        boolean plain = event.getScalarStyle() == ScalarStyle.PLAIN;
        return plain && NULLS.contains(event.getValue()) ? Optional.empty() : event.getValue();
    }

    private Map<String, Object> object(int depth) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Event e = events.getEvent(); !(e instanceof MappingEndEvent); e = events.getEvent()) {
            if (!(value(e, depth + 1) instanceof String key)) {
                throw refused(e.getStartMark(), "a key that is not text");
            }
            if (map.put(key, value(events.getEvent(), depth + 1)) != null) {
                throw refused(e.getStartMark(), "key " + key + " twice (expected: once)");
            }
        }
        return map;
    }

    private List<Object> array(int depth) throws IOException {
        List<Object> list = new ArrayList<>();
        for (Event e = events.getEvent(); !(e instanceof SequenceEndEvent); e = events.getEvent()) {
            list.add(value(e, depth + 1));
        }
        return list;
    }

    private static IOException refused(@Nullable Mark mark, String what) {
        return new IOException(mark == null ? what : "line " + (mark.getLine() + 1) + ": " + what);
    }

    @SuppressWarnings("unchecked") // object() is the only maker of maps here
    private static Map<String, Object> strings(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }
}
