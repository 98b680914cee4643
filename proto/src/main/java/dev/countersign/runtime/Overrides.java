package dev.countersign.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Environment variables in the place of keys: {@code COUNTERSIGN_STORE_URL} of {@code store.url}. */
record Overrides(Map<String, String> environment) {
    private static final String PREFIX = "COUNTERSIGN_";

    static final Overrides NONE = new Overrides(Map.of());

    Overrides {
        environment = Map.copyOf(environment);
    }

    Optional<String> of(String key) {
        return Optional.ofNullable(environment.get(variable(key)));
    }

    /** Separated by commas. */
    Optional<List<String>> listOf(String key) {
        return of(key).map(text ->
                Stream.of(text.split(",", -1))
                        .map(String::strip)
                        .filter(one -> !one.isEmpty())
                        .toList());
    }

    private static String variable(String key) {
        StringBuilder name = new StringBuilder(PREFIX);
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '.') {
                name.append('_');
            } else {
                if (Character.isUpperCase(c)) {
                    name.append('_');
                }
                name.append(Character.toUpperCase(c));
            }
        }
        return name.toString();
    }
}
