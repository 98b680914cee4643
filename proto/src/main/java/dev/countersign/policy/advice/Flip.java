package dev.countersign.policy.advice;

import dev.countersign.policy.Decision;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Edits that, made together, flip a decision.
 *
 * @param edits at least one
 * @param after what is decided once they are made
 */
public record Flip(List<Edit> edits, Decision after) {

    public Flip {
        edits = List.copyOf(edits);
    }

    /** All edits in one sentence. */
    public String describe() {
        return edits.stream().map(Edit::describe).collect(Collectors.joining(", and "));
    }

    int weight() {
        return edits.stream().mapToInt(Edit::weight).sum();
    }
}
