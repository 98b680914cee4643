package dev.countersign.policy;

import dev.countersign.policy.expression.CheckedExpression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matches when any source, any operation and every condition match; what is empty does not
 * constrain, so a rule with nothing in it matches every request.
 *
 * @param expression a CEL condition in its source form, or null
 * @param checked its checked form, made at admission. An expression without one cannot be evaluated:
 *     an ALLOW rule then never matches, any other as if the expression were not there
 */
public record Rule(
        List<Source> from,
        List<Operation> to,
        List<Condition> when,
        @Nullable String expression,
        @Nullable CheckedExpression checked) {

    public Rule {
        from = List.copyOf(from);
        to = List.copyOf(to);
        when = List.copyOf(when);
    }

    /** A rule whose expression, if any, was not checked. */
    public Rule(
            List<Source> from,
            List<Operation> to,
            List<Condition> when,
            @Nullable String expression) {
        this(from, to, when, expression, null);
    }
}
