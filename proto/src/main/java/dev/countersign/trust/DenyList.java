package dev.countersign.trust;

import java.util.Optional;

/** Peers that are refused although signed and unexpired. */
@FunctionalInterface
public interface DenyList {
    /** Nobody is denied. */
    DenyList EMPTY = peer -> Optional.empty();

    /** Why this peer is denied; empty when it is not. */
    Optional<String> denies(VerifiedPeer peer);
}
