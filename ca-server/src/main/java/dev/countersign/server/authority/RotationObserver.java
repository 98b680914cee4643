package dev.countersign.server.authority;

import dev.countersign.server.authority.rotation.CanaryWatch;
import dev.countersign.server.authority.rotation.LiveLeaves;
import dev.countersign.server.authority.rotation.Observations;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.rotation.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gathers what the planner looks at. */
final class RotationObserver {
    private final Verifiers verifiers;
    private final Replicas replicas;
    private final IssuedLeaves leaves;
    private final CanaryWatch canaries = new CanaryWatch();

    RotationObserver(Verifiers verifiers, Replicas replicas, IssuedLeaves leaves) {
        this.verifiers = verifiers;
        this.replicas = replicas;
        this.leaves = leaves;
    }

    /**
     * @param epoch the newest there is
     */
    Observations observe(RotationState state, long epoch, Instant now) {
        List<Verifier> seen =
                verifiers.verifiers().stream().map(one -> credible(one, epoch)).toList();
        return new Observations(
                now,
                seen,
                replicas.replicas(),
                known(leaves.live(now.minus(skew(state))), state),
                canaries.since(state, seen, now));
    }

    /** A leaf counts as live for as long as some clock may say that it is. */
    private static Duration skew(RotationState state) {
        return state.rotation().map(rotation -> rotation.plan().skew()).orElse(Duration.ZERO);
    }

    /** Who has loaded an epoch that does not exist has loaded nothing of ours. */
    private static Verifier credible(Verifier verifier, long epoch) {
        if (verifier.epoch() <= epoch) {
            return verifier;
        }
        return verifier.notLoaded(
                "says that it has loaded epoch "
                        + verifier.epoch()
                        + ", which does not exist here (the newest is "
                        + epoch
                        + "; was the database restored from an older copy?)");
    }

    /** Leaves of intermediates that nobody put on record are those of the root from before. */
    private static Map<String, LiveLeaves> known(
            Map<String, LiveLeaves> found, RotationState state) {
        LiveLeaves unknown = found.get(IssuedLeaves.UNKNOWN_ROOT);
        if (unknown == null) {
            return found;
        }
        Map<String, LiveLeaves> all = new HashMap<>(found);
        all.remove(IssuedLeaves.UNKNOWN_ROOT);
        String oldest = oldest(state);
        all.merge(oldest, unknown, RotationObserver::together);
        return all;
    }

    private static String oldest(RotationState state) {
        return state instanceof RotationState.Moving moving && moving.roots().isPresent()
                ? moving.roots().get().from().keyId()
                : state.signing().keyId();
    }

    private static LiveLeaves together(LiveLeaves a, LiveLeaves b) {
        LiveLeaves last = a.lastNotAfter().isAfter(b.lastNotAfter()) ? a : b;
        return new LiveLeaves(a.count() + b.count(), last.lastNotAfter(), last.lastHolder());
    }
}
