package dev.countersign.policy.expression;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import java.util.List;

/**
 * Estimates what an expression may cost at most, in steps of the evaluator.
 *
 * <p>A list that is written out has its length; any other is taken for {@link #MAX_ITERATIONS}, which
 * is also where the runtime stops. What copies or searches texts of a caller weighs more.
 */
public final class ExpressionCost {
    /** Rounds of all comprehensions of one evaluation. */
    public static final int MAX_ITERATIONS = 256;

    /** Most steps of an admitted expression. */
    static final long LIMIT = 50_000;

    private static final long COPY = 100;
    private static final long SEARCH = 1_000;
    private static final long PATTERN = 200;
    private static final long COMPARE = 5;

    private ExpressionCost() {}

    /** At most a little above {@link #LIMIT}: it stops counting there. */
    static long of(CelExpr expression) {
        return switch (expression.getKind()) {
            case NOT_SET, CONSTANT, IDENT -> 1;
            case SELECT -> 1 + of(expression.select().operand());
            case CALL -> ofCall(expression.call());
            case LIST -> sum(expression.list().elements());
            case MAP ->
                    expression.map().entries().stream()
                            .mapToLong(entry -> of(entry.key()) + of(entry.value()))
                            .reduce(1, ExpressionCost::add);
            case STRUCT -> LIMIT + 1;
            case COMPREHENSION -> ofComprehension(expression.comprehension());
        };
    }

    private static long ofComprehension(CelComprehension loop) {
        long round = add(of(loop.loopCondition()), of(loop.loopStep()));
        long rounds = multiply(lengthOf(loop.iterRange()), round);
        return add(add(of(loop.iterRange()), rounds), add(of(loop.accuInit()), of(loop.result())));
    }

    private static long ofCall(CelCall call) {
        long parts = sum(call.args());
        parts = add(parts, call.target().map(ExpressionCost::of).orElse(0L));
        return add(parts, own(call));
    }

    private static long own(CelCall call) {
        return switch (call.function()) {
            case "_+_", "string" -> COPY;
            case "contains" -> isWritten(call.args().getFirst()) ? COMPARE : SEARCH;
            case "matches" -> PATTERN;
            case "@in" -> lengthOf(call.args().getLast());
            default -> COMPARE;
        };
    }

    private static long lengthOf(CelExpr range) {
        return switch (range.getKind()) {
            case LIST -> Math.max(1, range.list().elements().size());
            case MAP -> Math.max(1, range.map().entries().size());
            default -> MAX_ITERATIONS;
        };
    }

    private static boolean isWritten(CelExpr expression) {
        return expression.getKind() == CelExpr.ExprKind.Kind.CONSTANT;
    }

    private static long sum(List<CelExpr> all) {
        return all.stream().mapToLong(ExpressionCost::of).reduce(1, ExpressionCost::add);
    }

    private static long add(long a, long b) {
        return Math.min(LIMIT + 1, a + b);
    }

    private static long multiply(long a, long b) {
        return Math.min(LIMIT + 1, a * b);
    }
}
