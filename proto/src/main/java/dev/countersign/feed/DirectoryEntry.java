package dev.countersign.feed;

import dev.countersign.identity.SpiffeId;
import java.util.List;
import java.util.Optional;

/**
 * A destination that the subscriber may dial.
 *
 * @param name {@code host:port} as the application dials it
 * @param endpoints where it is now; may be empty
 */
public record DirectoryEntry(String name, List<Endpoint> endpoints) {
    public DirectoryEntry {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("directory: empty name (expected: host:port)");
        }
        endpoints = List.copyOf(endpoints);
    }

    /**
     * @param address {@code ip:port}
     * @param peer who must answer there; empty = not meshed
     */
    public record Endpoint(String address, Optional<SpiffeId> peer) {
        public Endpoint {
            if (address.isEmpty()) {
                throw new IllegalArgumentException("endpoint: empty (expected: ip:port)");
            }
        }
    }
}
