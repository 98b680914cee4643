package dev.countersign.edges;

import java.util.List;

/**
 * What an agent saw since its last report. Kept by the agent, unchanged, until the server has said
 * that it is on record.
 *
 * @param sequence of this agent process, from 1; the same report sent again has the same number
 * @param overflowed decisions since the last report that the agent's table had no room for
 * @param last whether the agent is about to stop: nothing comes after it
 * @param edges at most {@link #MAX_EDGES}; none says that nothing new was seen
 */
public record EdgeReport(long sequence, long overflowed, boolean last, List<ReportedEdge> edges) {
    public static final int MAX_EDGES = 500;

    public EdgeReport {
        edges = List.copyOf(edges);
        if (sequence < 1) {
            throw new IllegalArgumentException("sequence: " + sequence + " (expected: >= 1)");
        }
        if (overflowed < 0) {
            throw new IllegalArgumentException("overflowed: " + overflowed + " (expected: >= 0)");
        }
        if (edges.size() > MAX_EDGES) {
            throw new IllegalArgumentException(
                    "edges: " + edges.size() + " (expected: <= " + MAX_EDGES + ")");
        }
    }
}
