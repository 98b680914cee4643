package dev.countersign.server.distribution;

import dev.countersign.server.authority.rotation.Verifier;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody outside who decides whom to believe by our roots and has no stream: a gateway, a load
 * balancer, another company's service.
 *
 * @param name as people know it: a-z 0-9 . -, at most 63
 * @param registered when, and {@code by} whom
 * @param epoch of the bundle that it has; 0 = none yet
 * @param acknowledged when it said so; empty = never
 * @param how it said so
 */
public record ExternalVerifier(
        String name,
        Instant registered,
        String by,
        long epoch,
        Optional<Instant> acknowledged,
        String how) {
    /** What the names of those outside begin with, where pods have their namespace. */
    public static final String PREFIX = "external/";

    /** It may come back at any time, until it is removed. */
    private static final Instant FOR_EVER = Instant.parse("9999-12-31T00:00:00Z");

    public static boolean isName(String text) {
        return text.matches("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");
    }

    /** As the planner of rotations sees it. */
    Verifier verifier() {
        return new Verifier(
                PREFIX + name,
                "",
                how.isEmpty() ? "registered by " + by : how,
                "",
                Map.of(),
                false,
                acknowledged.orElse(registered),
                FOR_EVER,
                epoch,
                "",
                "",
                "",
                Optional.empty());
    }
}
