package dev.countersign.edges;

import java.time.Instant;
import java.util.List;

/**
 * Recorded edges, and whether they are all there were.
 *
 * @param from the window's begin
 * @param to its end
 * @param incompleteBecause one sentence for each reason to think that traffic is missing; empty =
 *     complete
 * @param edges sorted by destination, source, port, method, path
 */
public record EdgeExport(
        Instant from, Instant to, List<String> incompleteBecause, List<ObservedEdge> edges) {
    /** Of the file. */
    public static final int VERSION = 1;

    public EdgeExport {
        incompleteBecause = List.copyOf(incompleteBecause);
        edges = List.copyOf(edges);
    }

    public boolean complete() {
        return incompleteBecause.isEmpty();
    }
}
