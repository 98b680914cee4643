package dev.countersign.agent.subscription;

import dev.countersign.trust.VerifiedPeer;
import java.util.Optional;

/** Peers that are refused although signed and unexpired. */
public interface DenyList {
    /** Why this peer is denied; empty when it is not. */
    Optional<String> denies(VerifiedPeer peer);
}
