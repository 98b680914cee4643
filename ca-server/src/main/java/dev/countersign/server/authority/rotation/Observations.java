package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known when the planner is asked.
 *
 * @param now by the clock of the server that asks
 * @param verifiers that were heard of and are not known to be gone
 * @param replicas that were heard of and did not say that they stop
 * @param leaves unexpired ones by the key id of their root, clock skew included
 * @param canariesSince since when all canaries have certificates of the new root; empty = they do not,
 *     or there are none
 */
public record Observations(
        Instant now,
        List<Verifier> verifiers,
        List<Replica> replicas,
        Map<String, LiveLeaves> leaves,
        Optional<Instant> canariesSince) {
    public Observations {
        verifiers = List.copyOf(verifiers);
        replicas = List.copyOf(replicas);
        leaves = Map.copyOf(leaves);
    }

    /** Of canaries nothing is known but that their phase began. */
    public Observations(
            Instant now,
            List<Verifier> verifiers,
            List<Replica> replicas,
            Map<String, LiveLeaves> leaves) {
        this(now, verifiers, replicas, leaves, Optional.empty());
    }

    /** How long what is left under the old root of this change lives. */
    public Duration longestLife(RotationState.Moving state) {
        return state.roots()
                .flatMap(change -> leavesUnder(change.from()))
                .map(live -> Duration.between(now, live.lastNotAfter()))
                .filter(Duration::isPositive)
                .orElse(Duration.ZERO);
    }

    public Optional<LiveLeaves> leavesUnder(KnownRoot root) {
        return Optional.ofNullable(leaves.get(root.keyId())).filter(live -> live.count() > 0);
    }
}
