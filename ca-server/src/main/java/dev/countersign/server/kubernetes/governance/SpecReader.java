package dev.countersign.server.kubernetes.governance;

import dev.countersign.policy.match.PrintableText;
import dev.countersign.runtime.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one object strictly: the schema may be of another version, or not be checked at
 * all.
 */
final class SpecReader {
    private static final int MAX_TEXT = 1024;
    private static final int MAX_ITEMS = 64;
    private static final int EXCERPT = 80;

    private final Map<?, ?> fields;
    private final String path;
    private final Set<String> known = new TreeSet<>();

    private SpecReader(Map<?, ?> fields, String path) {
        this.fields = fields;
        this.path = path;
    }

    static SpecReader of(@Nullable Object value, String path) throws SpecRefused {
        if (value == null) {
            return new SpecReader(Map.of(), path);
        }
        if (value instanceof Map<?, ?> fields) {
            return new SpecReader(fields, path);
        }
        throw new SpecRefused("WRONG_TYPE", path, shown(value), "an object");
    }

    Optional<String> text(String name) throws SpecRefused {
        @Nullable Object value = get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String text && !text.isEmpty() && text.length() <= MAX_TEXT) {
            if (text.codePoints().anyMatch(PrintableText::isHidden)) {
                throw new SpecRefused(
                        "FORBIDDEN_CHARACTER", at(name), shown(text), "visible characters");
            }
            return Optional.of(text);
        }
        throw new SpecRefused("WRONG_TYPE", at(name), shown(value), "a text, <= " + MAX_TEXT);
    }

    Optional<Boolean> bool(String name) throws SpecRefused {
        @Nullable Object value = get(name);
        if (value == null || value instanceof Boolean) {
            return Optional.ofNullable((Boolean) value);
        }
        throw new SpecRefused("WRONG_TYPE", at(name), shown(value), "true or false");
    }

    /** Texts of a list; empty where it is missing. */
    Optional<List<String>> texts(String name) throws SpecRefused {
        @Nullable Object value = get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof List<?> list
                && list.size() <= MAX_ITEMS
                && list.stream().allMatch(String.class::isInstance)) {
            return Optional.of(list.stream().map(String.class::cast).toList());
        }
        throw new SpecRefused(
                "WRONG_TYPE", at(name), shown(value), "a list of texts, <= " + MAX_ITEMS);
    }

    String required(String name) throws SpecRefused {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            throw new SpecRefused("MISSING", at(name), "nothing", "a text");
        }
        return text.get();
    }

    Optional<Duration> duration(String name) throws SpecRefused {
        Optional<String> text = text(name);
        Optional<Duration> duration = text.flatMap(Durations::parse);
        if (text.isPresent() && duration.isEmpty()) {
            throw new SpecRefused(
                    "INVALID_VALUE", at(name), shown(text.get()), "a duration, such as 24h");
        }
        return duration;
    }

    /** One of these words; empty where it is missing. */
    Optional<String> word(String name, String... words) throws SpecRefused {
        Optional<String> text = text(name);
        if (text.isPresent() && !List.of(words).contains(text.get())) {
            throw new SpecRefused(
                    "INVALID_VALUE", at(name), shown(text.get()), String.join(" | ", words));
        }
        return text;
    }

    Optional<SpecReader> object(String name) throws SpecRefused {
        @Nullable Object value = get(name);
        return value == null ? Optional.empty() : Optional.of(of(value, at(name)));
    }

    List<SpecReader> objects(String name) throws SpecRefused {
        @Nullable Object value = get(name);
        List<SpecReader> objects = new ArrayList<>();
        if (value == null) {
            return objects;
        }
        if (!(value instanceof List<?> list) || list.size() > MAX_ITEMS) {
            throw new SpecRefused("WRONG_TYPE", at(name), shown(value), "a list, <= " + MAX_ITEMS);
        }
        for (int i = 0; i < list.size(); i++) {
            objects.add(of(list.get(i), at(name) + "[" + i + "]"));
        }
        return objects;
    }

    /** Refuses what nobody asked for. */
    void finish() throws SpecRefused {
        for (Object name : fields.keySet()) {
            if (!known.contains(String.valueOf(name))) {
                throw new SpecRefused(
                        "UNKNOWN_FIELD",
                        at(String.valueOf(name)),
                        shown(name),
                        "one of " + String.join(", ", known));
            }
        }
    }

    private @Nullable Object get(String name) {
        known.add(name);
        return fields.get(name);
    }

    private String at(String name) {
        return path + "." + name;
    }

    private static String shown(Object value) {
        return PrintableText.excerpt(String.valueOf(value), EXCERPT);
    }
}
