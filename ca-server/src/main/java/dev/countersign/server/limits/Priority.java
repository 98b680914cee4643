package dev.countersign.server.limits;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Who is served when not all can be: the first named goes last. */
public enum Priority {
    /** Its certificate is good for a while yet: it will come again. */
    ROUTINE,
    /** Less than a fifth of its certificate's life is left. */
    EXPIRING,
    /** It has no certificate, and cannot talk to anyone until it has. */
    FIRST;

    private static final int FRACTION = 5;

    /**
     * @param peerNotAfter when the caller's certificate ends; empty when it has none
     * @param life of the certificates issued to it
     */
    public static Priority of(Optional<Instant> peerNotAfter, Instant now, Duration life) {
        return peerNotAfter
                .map(end -> end.isBefore(now.plus(life.dividedBy(FRACTION))) ? EXPIRING : ROUTINE)
                .orElse(FIRST);
    }
}
