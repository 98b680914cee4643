package dev.countersign.agent.directory;

import dev.countersign.feed.DirectoryEntry;
import java.util.List;

/**
 * What stands behind an address.
 *
 * @param places any of which serves; empty when none is ready
 */
public record Service(String name, DirectoryEntry.Protocol protocol, List<Place> places) {
    public Service {
        places = List.copyOf(places);
    }
}
