package dev.countersign.server.distribution;

import dev.countersign.feed.DirectoryEntry;
import java.util.Set;

/**
 * A destination, and who may dial it.
 *
 * @param to namespaces whose workloads learn of it; empty = every one
 */
public record ExportedService(DirectoryEntry entry, Set<String> to) {
    public ExportedService {
        to = Set.copyOf(to);
    }

    boolean isFor(String namespace) {
        return to.isEmpty() || to.contains(namespace);
    }
}
