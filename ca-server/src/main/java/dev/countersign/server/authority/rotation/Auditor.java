package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Looks at {@link Invariants} again and again. What is known of others is late: an agent that comes back
 * after a long absence is for a moment on record with what it believed when it left, though its new
 * certificate came with the newest bundle. So what seems broken holds every move up at once, and stops
 * the rotation only when it stays so. Not thread-safe: one driver asks.
 */
public final class Auditor {
    /** What one look says. */
    public sealed interface Finding {
        /** All that must hold does. */
        record Holds() implements Finding {}

        /**
         * Perhaps only late news: nothing moves until it is known.
         *
         * @param what seems to be broken
         */
        record Suspected(String what) implements Finding {}

        /** It stays so. */
        record Broken(String what) implements Finding {}
    }

    private Optional<String> suspected = Optional.empty();
    private Instant since = Instant.EPOCH;

    /**
     * @param patience how long the same must seem broken
     */
    public Finding look(RotationState state, Observations seen, Duration patience) {
        Optional<String> broken = Invariants.broken(state, seen);
        if (!broken.equals(suspected)) {
            suspected = broken;
            since = seen.now();
        }
        if (broken.isEmpty()) {
            return new Finding.Holds();
        }
        return seen.now().isBefore(since.plus(patience))
                ? new Finding.Suspected(broken.get())
                : new Finding.Broken(broken.get());
    }
}
