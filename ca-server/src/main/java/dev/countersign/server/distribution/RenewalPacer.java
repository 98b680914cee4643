package dev.countersign.server.distribution;

import dev.countersign.server.authority.rotation.CanarySelector;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.RotationState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Has agents renew while a root is replaced: so many a second, those with the least life left first,
 * and in the phase of the canaries only these. Not all at once, and long before they would by
 * themselves. The wiring calls {@link #tick} every second.
 */
public final class RenewalPacer {
    private static final Duration WITHIN = Duration.ofSeconds(1);

    private final SubscriptionHub hub;

    public RenewalPacer(SubscriptionHub hub) {
        this.hub = hub;
    }

    /**
     * Asks those whose turn it is.
     *
     * @return how many
     */
    public int tick(RotationState state, Instant now) {
        return switch (state) {
            case RotationState.Canary canary -> ask(canary, canary.canaries(), now);
            case RotationState.Active active -> ask(active, Optional.empty(), now);
            case RotationState.Draining draining -> ask(draining, Optional.empty(), now);
            case RotationState.Stable stable -> 0;
            case RotationState.Preparing preparing -> 0;
            case RotationState.Prepared prepared -> 0;
            case RotationState.Distributing distributing -> 0;
            case RotationState.Retiring retiring -> 0;
        };
    }

    private int ask(RotationState.Moving state, Optional<CanarySelector> canaries, Instant now) {
        return state.roots()
                .map(Change.OfRoot::from)
                .map(old ->
                        hub.askToRenew(
                                old.keyId(),
                                view -> canaries.isEmpty() || isCanary(view, canaries.get()),
                                state.course().rotation().plan().renewalsPerSecond(),
                                now.plus(WITHIN)))
                .orElse(0);
    }

    private static boolean isCanary(Subscriber.View view, CanarySelector canaries) {
        return canaries.matches(view.record().account().namespace(), view.record().labels());
    }
}
