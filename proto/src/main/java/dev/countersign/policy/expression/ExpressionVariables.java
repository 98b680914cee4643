package dev.countersign.policy.expression;

import org.jspecify.annotations.Nullable;

/** What one request has, by the names of {@link ExpressionSchema}. */
@FunctionalInterface
public interface ExpressionVariables {
    /**
     * The value: {@link String}, {@link Long}, {@link Double}, {@link Boolean}, or lists and maps of
     * these; null where the request has none. Asked when it is needed and not before.
     */
    @Nullable Object find(String name);
}
