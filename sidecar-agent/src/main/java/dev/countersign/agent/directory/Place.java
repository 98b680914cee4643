package dev.countersign.agent.directory;

import dev.countersign.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where connections can be made.
 *
 * @param peer who must answer there; empty = not meshed
 */
public record Place(InetSocketAddress address, Optional<SpiffeId> peer) {
    public boolean meshed() {
        return peer.isPresent();
    }
}
