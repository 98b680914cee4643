package dev.countersign.policy.reference;

import dev.countersign.policy.Request;
import java.util.List;

/**
 * One field of a rule, compiled.
 *
 * @param field as an admin knows it: {@code source.principals}, {@code operation.notPaths}, or the
 *     key of a condition
 * @param values as written
 * @param negative whether none of the values may match
 * @param absentPasses whether a negative clause is true of a request without the attribute
 * @param http whether the attribute exists only in HTTP
 */
record Clause(
        String field,
        List<String> values,
        boolean negative,
        boolean absentPasses,
        boolean http,
        Matcher matcher) {

    Clause {
        values = List.copyOf(values);
    }

    /** Whether the request satisfies the clause. */
    boolean matches(Request request) {
        return switch (matcher.test(request)) {
            case ABSENT -> negative && absentPasses;
            case MATCH -> !negative;
            case MISS -> negative;
        };
    }

    /** Whether the clause could hold on this port: true of every clause but those about ports. */
    boolean mayHoldOn(int port) {
        return !(matcher instanceof Matcher.Port ports) || ports.contains(port) != negative;
    }
}
