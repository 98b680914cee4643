package dev.countersign.edges;

import java.util.List;

/**
 * Policies that allow what was seen to be allowed, and no more.
 *
 * @param policies sorted by namespace and name
 * @param coveredEdges allowed edges that the policies allow
 * @param coveredCount decisions on those
 * @param left allowed edges that they deny, each with the reason
 * @param opened edges that were denied when they were seen and that they allow
 */
public record Suggestion(
        List<Policy> policies,
        int coveredEdges,
        long coveredCount,
        List<Left> left,
        List<ObservedEdge> opened) {
    public Suggestion {
        policies = List.copyOf(policies);
        left = List.copyOf(left);
        opened = List.copyOf(opened);
    }

    /**
     * One document.
     *
     * @param yaml as a file, each line with what it rests on
     */
    public record Policy(String namespace, String name, String yaml) {}

    /** An edge that cannot be written down as a rule. */
    public record Left(ObservedEdge edge, String because) {}

    /** All documents as one file. */
    public String yaml() {
        StringBuilder text = new StringBuilder();
        for (Policy policy : policies) {
            text.append(text.isEmpty() ? "" : "---\n").append(policy.yaml());
        }
        return text.toString();
    }
}
