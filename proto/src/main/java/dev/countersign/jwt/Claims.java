package dev.countersign.jwt;

import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.match.PrintableText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Claims as policies want them. */
final class Claims {
    private static final int SHOWN = 80;

    private Claims() {}

    /** Without nulls, and with lists where the rule says that a string is one. */
    static Map<String, Object> plain(Map<String, Object> claims, JwtRule rule) {
        Map<String, Object> plain = new LinkedHashMap<>();
        claims.forEach((name, value) -> {
            boolean split = rule.spaceDelimitedClaims().contains(name);
            Object one = split && value instanceof String text ? words(text) : plain(value);
            if (one != null) {
                plain.put(name, one);
            }
        });
        return plain;
    }

    /** The strings of a claim that is one or a list of them. */
    static List<String> texts(@Nullable Object value) {
        return switch (value) {
            case String one -> List.of(one);
            case List<?> all ->
                    all.stream().filter(String.class::isInstance).map(String.class::cast).toList();
            case null, default -> List.of();
        };
    }

    static String shown(@Nullable Object value) {
        return PrintableText.excerpt(String.valueOf(value), SHOWN);
    }

    private static @Nullable Object plain(Object value) {
        return switch (value) {
            case Map<?, ?> object -> {
                Map<String, Object> copy = new LinkedHashMap<>();
                object.forEach((name, one) -> {
                    Object member = plain(one);
                    if (member != null) {
                        copy.put((String) name, member);
                    }
                });
                yield copy;
            }
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                for (Object item : list) {
                    Object member = plain(item);
                    if (member != null) {
                        copy.add(member);
                    }
                }
                yield copy;
            }
            default -> value.equals(StrictJson.NULL) ? null : value;
        };
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split(" +", -1)).stream().filter(w -> !w.isEmpty()).toList();
    }
}
