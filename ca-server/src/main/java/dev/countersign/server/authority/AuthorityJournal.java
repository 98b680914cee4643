package dev.countersign.server.authority;

import dev.countersign.trust.SignedTrustBundle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the authority must remember across restarts and share between replicas: a port, kept by the
 * store. Every change is a compare-and-set on the epoch.
 */
public interface AuthorityJournal {
    /**
     * One epoch of the authority. The arrays are owned by this value.
     *
     * @param epoch of the bundle these roots make, at least 1
     * @param roots DER, self-signed
     * @param signingRoot key-vault name of the root that signs intermediates
     * @param bundleKey key-vault name of the key that signs bundles
     * @param bundlePayload the signed payload of this epoch
     * @param bundleKeyId key id of its signature
     * @param bundleSignature its signature
     * @param at when this epoch was made
     * @param rotation where a rotation stands, as {@code RotationCodec} writes it; empty = written by a
     *     server that knew of none: one root, and nothing rotates
     */
    record State(
            long epoch,
            List<byte[]> roots,
            String signingRoot,
            String bundleKey,
            byte[] bundlePayload,
            String bundleKeyId,
            byte[] bundleSignature,
            Instant at,
            String rotation) {
        /** As a server wrote it that knew of no rotation. */
        public State(
                long epoch,
                List<byte[]> roots,
                String signingRoot,
                String bundleKey,
                byte[] bundlePayload,
                String bundleKeyId,
                byte[] bundleSignature,
                Instant at) {
            this(
                    epoch,
                    roots,
                    signingRoot,
                    bundleKey,
                    bundlePayload,
                    bundleKeyId,
                    bundleSignature,
                    at,
                    "");
        }
    }

    Optional<State> load();

    /**
     * Keeps the bundle in which a bundle-signing key announced the one that takes its place.
     *
     * @param epoch of that bundle; keeping it again changes nothing
     */
    void keepHandover(long epoch, SignedTrustBundle bundle);

    /** The newest of those kept, in the order of their epochs; at most {@code limit}. */
    List<SignedTrustBundle> handovers(int limit);

    /**
     * Replaces the state if its epoch is still {@code expectedEpoch} (0 = there is none yet).
     *
     * @return whether it was replaced; false = somebody else was faster, load again
     */
    boolean replace(long expectedEpoch, State next);
}
