package dev.countersign.policy.parse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one object; those that nobody asked for are unknown.
 *
 * <p>A field that is null is as one that is not there, as in Kubernetes.
 */
final class FieldReader {

    private final Node.Fields object;
    private final String path;
    private final Report report;
    private final Locations locations;
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<String, String> elsewhere = new LinkedHashMap<>();

    private FieldReader(Node.Fields object, String path, Report report, Locations locations) {
        this.object = object;
        this.path = path;
        this.report = report;
        this.locations = locations;
    }

    /** A reader of the object at this path; of an empty one, after reporting, if it is none. */
    static FieldReader of(Node node, String path, Report report, Locations locations) {
        locations.put(path, node.line());
        if (node instanceof Node.Fields object) {
            return new FieldReader(object, path, report, locations);
        }
        report.add(node.line(), path, Problem.Code.WRONG_TYPE, node.describe(), "an object");
        return new FieldReader(
                new Node.Fields(new LinkedHashMap<>(), Map.of(), node.line()),
                path,
                report,
                locations);
    }

    /** Whether the field is there and not null. */
    boolean has(String name) {
        return get(name) != null;
    }

    /** The field's value, or null. */
    @Nullable Node get(String name) {
        known.add(name);
        Node value = object.fields().get(name);
        if (value == null || (value instanceof Node.Scalar scalar && isNull(scalar))) {
            return null;
        }
        locations.put(pathOf(name), object.keyLines().getOrDefault(name, value.line()));
        return value;
    }

    /** Knows a field without looking at it. */
    void ignore(String... names) {
        known.addAll(List.of(names));
    }

    /** Says where a field would be known that is unknown here. */
    void notHere(String name, String where) {
        elsewhere.put(name, where);
    }

    @Nullable String string(String name) {
        Node value = get(name);
        return value == null ? null : string(value, pathOf(name));
    }

    /** The object in this field, or null. */
    @Nullable FieldReader object(String name) {
        Node value = get(name);
        return value == null ? null : of(value, pathOf(name), report, locations);
    }

    /** The boolean in this field. */
    boolean bool(String name, boolean otherwise) {
        Node value = get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Node.Scalar scalar && scalar.kind() == Node.Scalar.Kind.BOOLEAN) {
            // As Kubernetes' own reader takes them.
            return switch (scalar.text().toLowerCase(Locale.ROOT)) {
                case "true", "yes", "on" -> true;
                default -> false;
            };
        }
        wrongType(value, pathOf(name), "true or false");
        return otherwise;
    }

    /** The object in this field as names and objects. */
    Map<String, FieldReader> objects(String name) {
        Map<String, FieldReader> objects = new LinkedHashMap<>();
        Node value = get(name);
        if (value instanceof Node.Fields map) {
            map.fields()
                    .forEach((key, node) ->
                            objects.put(
                                    key, of(node, pathOf(name) + "." + key, report, locations)));
        } else if (value != null) {
            wrongType(value, pathOf(name), "an object");
        }
        return objects;
    }

    List<String> strings(String name) {
        return list(name, this::string);
    }

    /** The list in this field, each item read by the function, which may report and give null. */
    <T> List<T> list(String name, BiFunction<Node, String, @Nullable T> read) {
        Node value = get(name);
        List<T> items = new ArrayList<>();
        if (value instanceof Node.Items list) {
            for (int i = 0; i < list.items().size(); i++) {
                Node item = list.items().get(i);
                String itemPath = pathOf(name) + "[" + i + "]";
                locations.put(itemPath, item.line());
                T one = read.apply(item, itemPath);
                if (one != null) {
                    items.add(one);
                }
            }
        } else if (value != null) {
            wrongType(value, pathOf(name), "a list");
        }
        return items;
    }

    /** The object in this field as names and texts. */
    Map<String, String> texts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        Node value = get(name);
        if (value instanceof Node.Fields map) {
            map.fields()
                    .forEach((key, node) -> {
                        String text = string(node, pathOf(name) + "." + key);
                        if (text != null) {
                            texts.put(key, text);
                        }
                    });
        } else if (value != null) {
            wrongType(value, pathOf(name), "an object");
        }
        return texts;
    }

    /** Reports the fields that were not asked for. */
    void finish() {
        object.fields()
                .forEach((name, value) -> {
                    if (!known.contains(name)) {
                        unknown(name);
                    }
                });
    }

    String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private void unknown(String name) {
        int line = object.keyLines().getOrDefault(name, object.line());
        String where = elsewhere.get(name);
        String expected =
                where != null
                        ? where
                        : Suggestion.of(name, known)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("one of " + String.join(", ", known));
        report.add(line, pathOf(name), Problem.Code.UNKNOWN_FIELD, name, expected);
    }

    private @Nullable String string(Node value, String at) {
        if (value instanceof Node.Scalar scalar && scalar.kind() == Node.Scalar.Kind.STRING) {
            return scalar.text();
        }
        boolean quotable = value instanceof Node.Scalar scalar && !isNull(scalar);
        wrongType(value, at, quotable ? "a string; put it in quotes" : "a string");
        return null;
    }

    private void wrongType(Node value, String at, String expected) {
        report.add(value.line(), at, Problem.Code.WRONG_TYPE, value.describe(), expected);
    }

    private static boolean isNull(Node.Scalar scalar) {
        return scalar.kind() == Node.Scalar.Kind.NULL;
    }
}
