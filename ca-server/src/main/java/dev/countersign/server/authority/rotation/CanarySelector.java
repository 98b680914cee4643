package dev.countersign.server.authority.rotation;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Who gets certificates of the new root first: {@code namespace=shop}, {@code label:tier=web}, several
 * of them separated by commas: all must hold.
 *
 * @param conditions namespace under the empty name, labels under theirs; at least one
 */
public record CanarySelector(Map<String, String> conditions) {
    private static final int MAX_LENGTH = 512;
    private static final String NAMESPACE = "";
    private static final String LABEL = "label:";
    private static final Pattern NAME =
            Pattern.compile(
                    "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
    private static final Pattern VALUE =
            Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");

    public CanarySelector {
        conditions = Map.copyOf(conditions);
        if (conditions.isEmpty()) {
            throw new IllegalArgumentException("canary: empty (expected: at least one condition)");
        }
    }

    /**
     * @throws IllegalArgumentException with value and expectation
     */
    public static CanarySelector parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "canary: " + text.length() + " characters (expected: <= " + MAX_LENGTH + ")");
        }
        Map<String, String> conditions = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            if (conditions.put(key(name, part), checked(value, part)) != null) {
                throw malformed(part + " (twice)");
            }
        }
        return new CanarySelector(conditions);
    }

    public boolean matches(String namespace, Map<String, String> labels) {
        return conditions.entrySet().stream()
                .allMatch(condition ->
                        condition
                                .getValue()
                                .equals(
                                        condition.getKey().equals(NAMESPACE)
                                                ? namespace
                                                : labels.get(condition.getKey())));
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return new TreeMap<>(conditions)
                .entrySet().stream()
                        .map(condition ->
                                (condition.getKey().equals(NAMESPACE)
                                                ? "namespace"
                                                : LABEL + condition.getKey())
                                        + "="
                                        + condition.getValue())
                        .collect(Collectors.joining(","));
    }

    private static String key(String name, String part) {
        if (name.equals("namespace")) {
            return NAMESPACE;
        }
        if (!name.startsWith(LABEL) || !NAME.matcher(name.substring(LABEL.length())).matches()) {
            throw malformed(part);
        }
        return name.substring(LABEL.length());
    }

    private static String checked(String value, String part) {
        if (!VALUE.matcher(value).matches()) {
            throw malformed(part);
        }
        return value;
    }

    private static IllegalArgumentException malformed(String part) {
        return new IllegalArgumentException(
                "canary: "
                        + part
                        + " (expected: namespace=NAME or label:NAME=VALUE, "
                        + "several separated by commas)");
    }
}
