package dev.countersign.feed;

import dev.countersign.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A destination that the subscriber may dial.
 *
 * @param name {@code host:port} as the application dials it
 * @param addresses that stand for the service as a whole; may be empty
 * @param protocol what is spoken
 * @param endpoints where it is now; may be empty
 */
public record DirectoryEntry(
        String name,
        List<InetSocketAddress> addresses,
        Protocol protocol,
        List<Endpoint> endpoints) {
    private static final int MAX_NAME = 512;
    private static final int MAX_ADDRESSES = 64;
    private static final int MAX_ENDPOINTS = 5_000;

    public DirectoryEntry {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "directory: name of "
                            + name.length()
                            + " characters (expected: host:port, 1 to "
                            + MAX_NAME
                            + ")");
        }
        if (addresses.size() > MAX_ADDRESSES || endpoints.size() > MAX_ENDPOINTS) {
            throw new IllegalArgumentException(
                    "directory: "
                            + name
                            + ": "
                            + addresses.size()
                            + " addresses, "
                            + endpoints.size()
                            + " endpoints (expected: <= "
                            + MAX_ADDRESSES
                            + ", <= "
                            + MAX_ENDPOINTS
                            + ")");
        }
        addresses = List.copyOf(addresses);
        endpoints = List.copyOf(endpoints);
    }

    /** What a service speaks. */
    public enum Protocol {
        /** Found out from the first bytes of each connection. */
        AUTO,
        HTTP,
        TCP
    }

    /**
     * One place of a service.
     *
     * @param address where it takes connections
     * @param peer who must answer there; empty = not meshed
     * @param ready whether it is chosen for new connections
     */
    public record Endpoint(InetSocketAddress address, Optional<SpiffeId> peer, boolean ready) {
        public Endpoint {
            if (address.isUnresolved()) {
                throw new IllegalArgumentException(
                        "endpoint: " + address + " (expected: an address, not a name)");
            }
        }
    }
}
