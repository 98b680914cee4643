package dev.countersign.policy.parse;

import java.util.HashMap;
import java.util.Map;

/** The lines on which the fields of one document stand. */
final class Locations {

    private final Map<String, Integer> lines = new HashMap<>();

    void put(String path, int line) {
        lines.putIfAbsent(path, line);
    }

    /** The line of the field, or of what it would stand in. */
    int lineOf(String path) {
        String at = path;
        while (!at.isEmpty()) {
            Integer line = lines.get(at);
            if (line != null) {
                return line;
            }
            int cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['));
            at = cut < 0 ? "" : at.substring(0, cut);
        }
        return lines.getOrDefault("", 0);
    }
}
