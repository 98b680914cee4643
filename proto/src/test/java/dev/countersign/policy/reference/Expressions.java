package dev.countersign.policy.reference;

import dev.countersign.policy.Request;
import dev.countersign.policy.expression.CheckedExpression;
import dev.countersign.policy.expression.ExpressionCompiler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A few expressions, checked for the engine, and what they mean said in Java. */
final class Expressions {

    static final List<String> SOURCES =
            List.of(
                    "request.method == 'GET'",
                    "request.path.startsWith('/a')",
                    "request.headers['x-tenant'] == 'red'",
                    "source.namespace == 'a'",
                    "destination.port == 80");

    private static final Map<String, CheckedExpression> CHECKED =
            SOURCES.stream().collect(Collectors.toMap(Function.identity(), Expressions::compiled));

    private Expressions() {}

    /** What admission would have made of it. */
    static @Nullable CheckedExpression checked(String source) {
        return CHECKED.get(source);
    }

    /** Empty where it has no value: what it asks for is not there. */
    static Optional<Boolean> value(String source, Request request, List<String> own) {
        return switch (SOURCES.indexOf(source)) {
            case 0 -> Optional.ofNullable(request.method()).map("GET"::equals);
            case 1 -> Optional.ofNullable(request.path()).map(path -> path.startsWith("/a"));
            case 2 -> Optional.ofNullable(request.header("x-tenant")).map("red"::equals);
            case 3 -> namespace(request.sourcePrincipal(), own).map("a"::equals);
            case 4 -> Optional.of(request.port() == 80);
            default -> throw new IllegalArgumentException(source);
        };
    }

    private static Optional<String> namespace(@Nullable String principal, List<String> own) {
        String[] parts = principal == null ? new String[0] : principal.split("/", -1);
        return parts.length == 5
                        && own.contains(parts[0])
                        && parts[1].equals("ns")
                        && parts[3].equals("sa")
                ? Optional.of(parts[2])
                : Optional.empty();
    }

    private static CheckedExpression compiled(String source) {
        return switch (ExpressionCompiler.compile(source)) {
            case ExpressionCompiler.Compiled done -> done.checked();
            case ExpressionCompiler.Refused refused ->
                    throw new IllegalArgumentException(source + ": " + refused);
        };
    }
}
