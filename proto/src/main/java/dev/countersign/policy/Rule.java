package dev.countersign.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matches when any source, any operation and every condition match; what is empty does not
 * constrain, so a rule with nothing in it matches every request.
 *
 * @param expression a CEL condition in its source form; no engine for it yet, so that a rule with
 *     one never allows, and denies as if it were not there
 */
public record Rule(
        List<Source> from, List<Operation> to, List<Condition> when, @Nullable String expression) {

    public Rule {
        from = List.copyOf(from);
        to = List.copyOf(to);
        when = List.copyOf(when);
    }
}
