package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.LiveLeaves;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What stands under which root: a port, kept by the store. */
public interface IssuedLeaves {
    /** Under this key are leaves of intermediates that nobody put on record. */
    String UNKNOWN_ROOT = "";

    /** Keeps nothing and knows nothing: for an authority that is never rotated. */
    IssuedLeaves NONE =
            new IssuedLeaves() {
                @Override
                public void intermediate(String keyId, String rootKeyId, Instant notAfter) {}

                @Override
                public Map<String, LiveLeaves> live(Instant at) {
                    return Map.of();
                }

                @Override
                public Optional<Instant> lastIntermediate(String rootKeyId) {
                    return Optional.empty();
                }
            };

    /**
     * Puts an intermediate on record, before it signs anything. Key ids are lower-case hex.
     *
     * @throws RuntimeException when it cannot be made durable: it must not sign
     */
    void intermediate(String keyId, String rootKeyId, Instant notAfter);

    /**
     * Leaves that have not ended at {@code at}, by the key id of their root: intended ones too, and
     * those that were replaced since. Walks over the certificates of the last day or so: not for every
     * second.
     */
    Map<String, LiveLeaves> live(Instant at);

    /** When the last of the intermediates under a root ends or ended; empty when none is on record. */
    Optional<Instant> lastIntermediate(String rootKeyId);
}
