package dev.countersign.policy.reference;

import dev.countersign.policy.Request;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where in a token's claims a value is looked for.
 *
 * @param path names of nested objects, the last one is the claim
 * @param split whether a string holds a space-delimited list
 * @param scalars whether booleans and numbers count by their text; otherwise they never match
 */
record Claim(List<String> path, boolean split, boolean scalars) {

    Claim {
        path = List.copyOf(path);
    }

    /** The JSON value, or null where the token or the claim is absent. */
    @Nullable Object of(Request request) {
        Object at = request.jwtClaims();
        for (String name : path) {
            if (!(at instanceof Map<?, ?> object)) {
                return null;
            }
            at = object.get(name);
        }
        return at;
    }

    /** The claim's single string, or null. */
    @Nullable String text(Request request) {
        return of(request) instanceof String text ? text : null;
    }

    /** Every text that the value stands for: none for what is neither a string nor a list. */
    void forEachText(Object value, Consumer<String> use) {
        switch (value) {
            case String text when split -> splitOnSpaces(text, use);
            case String text -> use.accept(text);
            case List<?> list -> list.forEach(item -> forEachItem(item, use));
            case Boolean flag when scalars -> use.accept(flag.toString());
            case Number number when scalars -> use.accept(number.toString());
            default -> {
                // An object, or a scalar that this reading does not compare.
            }
        }
    }

    private void forEachItem(@Nullable Object item, Consumer<String> use) {
        if (item instanceof String text) {
            use.accept(text);
        } else if (scalars && (item instanceof Boolean || item instanceof Number)) {
            use.accept(item.toString());
        }
    }

    private static void splitOnSpaces(String text, Consumer<String> use) {
        int from = 0;
        while (from <= text.length()) {
            int space = text.indexOf(' ', from);
            int end = space < 0 ? text.length() : space;
            if (end > from) {
                use.accept(text.substring(from, end));
            }
            from = end + 1;
        }
    }
}
