package dev.countersign.agent.svid;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What readers see: one reference, replaced whole. Expiry is looked at on every read. */
final class HeldSvids implements SvidSource {
    private final InstantSource clock;
    private final List<Consumer<HeldSvid>> listeners = new ArrayList<>();
    private volatile @Nullable HeldSvid held;
    private long generation;

    HeldSvids(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Optional<HeldSvid> current() {
        HeldSvid now = held;
        return now == null || expired(now) ? Optional.empty() : Optional.of(now);
    }

    /** The first call of a listener runs on the caller's thread, the others on the rotator's. */
    @Override
    public synchronized void onChange(Consumer<HeldSvid> listener) {
        listeners.add(listener);
        current().ifPresent(listener);
    }

    synchronized HeldSvid publish(Identity identity) {
        generation++;
        HeldSvid next = new HeldSvid(identity.svid(), identity.key(), generation);
        held = next;
        listeners.forEach(listener -> listener.accept(next));
        return next;
    }

    private boolean expired(HeldSvid svid) {
        return !clock.instant().isBefore(svid.svid().leaf().getNotAfter().toInstant());
    }
}
