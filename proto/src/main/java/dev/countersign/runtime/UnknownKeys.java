package dev.countersign.runtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What stands in a configuration and nobody asked for; what is under an asked mapping is free. */
final class UnknownKeys {
    private static final int SHOWN = 120;

    private final Set<String> asked;
    private final List<ConfigProblem> problems = new ArrayList<>();

    private UnknownKeys(Set<String> asked) {
        this.asked = asked;
    }

    /** A problem for each. */
    static List<ConfigProblem> in(Map<String, Object> tree, Set<String> asked) {
        UnknownKeys keys = new UnknownKeys(asked);
        keys.unknown("", tree);
        return keys.problems;
    }

    private void unknown(String at, Map<?, ?> node) {
        node.forEach((key, value) -> {
            String name = String.valueOf(key);
            String path = at.isEmpty() ? name : at + "." + name;
            // A dotted key would pass for a path.
            if (name.indexOf('.') >= 0 || name.indexOf('[') >= 0) {
                problem(Texts.oneLine(path, SHOWN), "unknown", "a plain key");
            } else if (value instanceof List<?> list && asked.contains(path)) {
                unknownIn(path, list);
            } else if (!asked.contains(path)) {
                notAsked(path, value);
            }
        });
    }

    private void unknownIn(String path, List<?> list) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof Map<?, ?> map) {
                unknown(path + "[" + i + "]", map);
            }
        }
    }

    private void notAsked(String path, Object value) {
        boolean section = asked.stream().anyMatch(known -> known.startsWith(path + "."));
        if (section && value instanceof Map<?, ?> map) {
            unknown(path, map);
        } else if (!section) {
            problem(Texts.oneLine(path, SHOWN), "unknown", nearest(path));
        } else if (!(value instanceof Optional<?>)) {
            problem(path, "not a mapping", "key: value");
        }
    }

    private String nearest(String path) {
        return asked.stream()
                .min(Comparator.comparingInt(known -> EditDistance.between(known, path)))
                .filter(known -> EditDistance.between(known, path) <= 1 + path.length() / 4)
                .map(known -> "did you mean " + known + "?")
                .orElse("a key of this file");
    }

    private void problem(String path, String value, String expectation) {
        problems.add(new ConfigProblem(path, value, expectation));
    }
}
