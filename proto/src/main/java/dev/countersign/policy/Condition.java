package dev.countersign.policy;

import java.util.List;
import java.util.Objects;

/**
 * A further attribute that a rule looks at, such as {@code request.headers[x-tenant]}.
 *
 * @param values any of these must match; empty does not constrain
 * @param notValues none of these may match; empty does not constrain
 */
public record Condition(String key, List<String> values, List<String> notValues) {

    public Condition {
        Objects.requireNonNull(key, "key");
        values = List.copyOf(values);
        notValues = List.copyOf(notValues);
    }
}
