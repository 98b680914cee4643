package dev.countersign.server.testing;

import dev.countersign.server.authority.AuthorityJournal;
import dev.countersign.trust.SignedTrustBundle;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The journal in memory; lets a test act as a faster replica. */
public final class InMemoryAuthorityJournal implements AuthorityJournal {
    private final SortedMap<Long, SignedTrustBundle> handovers = new TreeMap<>();
    private Optional<State> state = Optional.empty();
    private Optional<Runnable> beforeReplace = Optional.empty();
    private boolean unavailable;

    /** Runs once, just before the next {@link #replace} compares. */
    public synchronized void beforeNextReplace(Runnable action) {
        beforeReplace = Optional.of(action);
    }

    /** Puts any state in, however wrong. */
    public synchronized void force(Optional<State> next) {
        state = next;
    }

    /** From now on nothing can be read or written, or again. */
    public synchronized void setUnavailable(boolean now) {
        unavailable = now;
    }

    @Override
    public synchronized Optional<State> load() {
        checkAvailable();
        return state;
    }

    @Override
    public synchronized void keepHandover(long epoch, SignedTrustBundle bundle) {
        checkAvailable();
        handovers.putIfAbsent(epoch, bundle);
    }

    @Override
    public synchronized List<SignedTrustBundle> handovers(int limit) {
        checkAvailable();
        List<SignedTrustBundle> all = List.copyOf(handovers.values());
        return all.subList(Math.max(0, all.size() - limit), all.size());
    }

    @Override
    public boolean replace(long expectedEpoch, State next) {
        Optional<Runnable> action;
        synchronized (this) {
            checkAvailable();
            action = beforeReplace;
            beforeReplace = Optional.empty();
        }
        action.ifPresent(Runnable::run);
        synchronized (this) {
            if (state.map(State::epoch).orElse(0L) != expectedEpoch) {
                return false;
            }
            state = Optional.of(next);
            return true;
        }
    }

    private void checkAvailable() {
        if (unavailable) {
            throw new IllegalStateException("store: unreachable");
        }
    }
}
