package dev.countersign.server.testing;

import dev.countersign.server.authority.AuthorityJournal;
import java.util.Optional;

/** The journal in memory; lets a test act as a faster replica. */
public final class InMemoryAuthorityJournal implements AuthorityJournal {
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
