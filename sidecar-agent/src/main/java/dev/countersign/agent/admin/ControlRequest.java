package dev.countersign.agent.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What somebody wants at the control socket: the first line of an HTTP/1.1 request, so that curl can
 * ask. Header fields are read and play no part; a body is not read.
 *
 * @param method {@code GET} or {@code POST}
 * @param path without its query
 * @param values of the query, by name
 */
record ControlRequest(String method, String path, Map<String, String> values) {
    private static final int PARTS = 3;
    private static final int MAX_VALUES = 16;

    ControlRequest {
        values = Map.copyOf(values);
    }

    /**
     * Parses the first line, without its end.
     *
     * @throws IllegalArgumentException with value and expectation
     */
    static ControlRequest parse(String line) {
        String[] parts = line.split(" ", -1);
        if (parts.length != PARTS || !parts[2].startsWith("HTTP/1.")) {
            throw new IllegalArgumentException(
                    "request line: " + parts.length + " parts (expected: METHOD /path HTTP/1.1)");
        }
        if (!parts[0].equals("GET") && !parts[0].equals("POST")) {
            throw new IllegalArgumentException("method: other (expected: GET or POST)");
        }
        int query = parts[1].indexOf('?');
        String path = query < 0 ? parts[1] : parts[1].substring(0, query);
        return new ControlRequest(
                parts[0], path, query < 0 ? Map.of() : values(parts[1].substring(query + 1)));
    }

    private static Map<String, String> values(String query) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1 || values.size() == MAX_VALUES) {
                throw new IllegalArgumentException(
                        "query: name without value, or more than "
                                + MAX_VALUES
                                + " (expected: name=value&…)");
            }
            String name = pair.substring(0, equals);
            if (values.put(name, decoded(pair.substring(equals + 1))) != null) {
                throw new IllegalArgumentException(name + ": twice (expected: once)");
            }
        }
        return values;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
