package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.analysis.Finding.Code;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a rule does at the destinations it applies to.
 *
 * @param empty no request matches it
 * @param covered others of its action match all it matches
 * @param denied DENY rules match all it matches
 * @param by who covers it
 * @param places where
 */
record RuleVerdict(
        boolean empty, boolean covered, boolean denied, List<SymbolicRule> by, Places places) {

    private static final int MOST_NAMED = 5;

    RuleVerdict {
        by = List.copyOf(by);
    }

    /** What holds at the destinations of both. */
    RuleVerdict and(RuleVerdict other) {
        return new RuleVerdict(
                empty && other.empty,
                (covered || empty) && (other.covered || other.empty),
                denied && other.denied,
                joined(by, other.by),
                places.and(other.places));
    }

    @Nullable Finding finding(SymbolicRule rule) {
        String name = PolicyAnalysis.name(rule);
        if (empty) {
            return new Finding(
                    Code.RULE_MATCHES_NOTHING,
                    name,
                    "matches no request that can occur",
                    List.of(),
                    places,
                    null);
        }
        if (covered) {
            return new Finding(Code.RULE_SHADOWED, name, shadowed(), names(), places, null);
        }
        return denied && rule.policy().action() == Action.ALLOW
                ? new Finding(
                        Code.ALLOW_DENIED,
                        name,
                        "never allows: all it matches is denied by " + String.join(", ", names()),
                        names(),
                        places,
                        null)
                : null;
    }

    private String shadowed() {
        return "never decides: all it matches is matched by " + String.join(", ", names());
    }

    private List<String> names() {
        return List.copyOf(
                new TreeSet<>(by.stream().map(SymbolicRule::id).limit(MOST_NAMED).toList()));
    }

    private static <T> List<T> joined(List<T> one, List<T> two) {
        if (one.size() >= MOST_NAMED || two.isEmpty()) {
            return one;
        }
        return Stream.concat(one.stream(), two.stream()).distinct().toList();
    }
}
