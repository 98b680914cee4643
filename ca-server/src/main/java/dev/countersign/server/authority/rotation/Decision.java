package dev.countersign.server.authority.rotation;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the planner says. */
public sealed interface Decision {
    /** Nothing rotates. */
    record Idle() implements Decision {}

    /** All that must be seen was seen. */
    record Go(Move move) implements Decision {}

    /**
     * Not yet.
     *
     * @param next what comes once nothing is in the way
     * @param blockers all that is in the way, at least one
     */
    record Blocked(Move next, List<Blocker> blockers) implements Decision {
        public Blocked {
            blockers = List.copyOf(blockers);
        }

        /** Whether time alone solves it. */
        public boolean isWait() {
            return blockers.stream().allMatch(blocker -> blocker.until().isPresent());
        }

        /** When time has solved what it can solve. */
        public Optional<Instant> until() {
            return blockers.stream()
                    .flatMap(blocker -> blocker.until().stream())
                    .max(Comparator.naturalOrder());
        }
    }
}
