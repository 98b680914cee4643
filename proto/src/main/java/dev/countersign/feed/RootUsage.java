package dev.countersign.feed;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Shadow verification: which roots an agent's handshakes needed, so that somebody can tell whether
 * one would still be missed.
 *
 * @param since when this agent process began to count: of what was before, nothing is known
 * @param uses one for each root that was needed, at most {@link #MAX_ROOTS}
 * @param untrustedInbound peers that came to us and led to no root of the bundle, or not rightly
 * @param untrustedOutbound the same of peers that we went to
 * @param lastUntrusted of either kind; empty = there was none
 */
public record RootUsage(
        Instant since,
        List<Use> uses,
        long untrustedInbound,
        long untrustedOutbound,
        Optional<Instant> lastUntrusted) {
    /** As many as a bundle has. */
    public static final int MAX_ROOTS = 64;

    public RootUsage {
        uses = List.copyOf(uses);
        if (uses.size() > MAX_ROOTS) {
            throw new IllegalArgumentException(
                    "root uses: " + uses.size() + " (expected: <= " + MAX_ROOTS + ")");
        }
    }

    /** Whether anything needed this root after {@code moment}, or still does. */
    public boolean neededAfter(Instant moment, String rootKeyId) {
        return uses.stream()
                .filter(use -> use.rootKeyId().equals(rootKeyId))
                .anyMatch(use ->
                        use.openConnections() > 0
                                || use.last().filter(last -> last.isAfter(moment)).isPresent());
    }

    /**
     * One root.
     *
     * @param rootKeyId lower-case hex subject key identifier
     * @param handshakes that it verified since the start
     * @param last of them; empty = none
     * @param openConnections whose peer it verified, open now
     */
    public record Use(
            String rootKeyId, long handshakes, Optional<Instant> last, long openConnections) {}
}
