package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.RotationState.Canary;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Remembers since when all canaries have had certificates of the new root: the window in which they must
 * do well counts from there, not from the order that they should. Nothing is kept across a restart: the
 * window then begins anew, which is late and never early. Safe for many threads.
 */
public final class CanaryWatch {
    private long epoch = -1;
    private Optional<Instant> since = Optional.empty();

    /** Empty outside of {@code CANARY}, and as long as one of them has not been re-issued. */
    public synchronized Optional<Instant> since(
            RotationState state, List<Verifier> verifiers, Instant now) {
        if (!(state instanceof Canary canary)) {
            since = Optional.empty();
            return since;
        }
        if (canary.since().epoch() != epoch) {
            epoch = canary.since().epoch();
            since = Optional.empty();
        }
        if (!CanaryEvidence.allReissued(canary, verifiers, now)) {
            since = Optional.empty();
        } else if (since.isEmpty()) {
            since = Optional.of(now);
        }
        return since;
    }
}
