package dev.countersign.server.revocation;

import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.VerifiedPeer;
import java.util.Optional;

/** Whom nothing is issued to. Answers from memory. */
@FunctionalInterface
public interface IssuanceBlocks {
    /** Nobody is blocked. */
    IssuanceBlocks NONE = (id, podUid, peer) -> Optional.empty();

    /**
     * What stands against issuing.
     *
     * @param id to be certified
     * @param podUid whose; empty where there is no pod
     * @param peer with which certificate it asks
     */
    Optional<Block> blocked(SpiffeId id, String podUid, Optional<VerifiedPeer> peer);

    /**
     * A reason to issue nothing.
     *
     * @param reason stable code
     * @param message value and expectation, for the caller
     */
    record Block(BlockReason reason, String message) {}

    /** Stable codes: they are logged, counted and sent to the caller. */
    enum BlockReason {
        IDENTITY_REVOKED,
        POD_REVOKED,
        CERTIFICATE_REVOKED,
        ISSUER_REVOKED
    }
}
