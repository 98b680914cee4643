package dev.countersign.server.distribution;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The policies in force. A refused set leaves the last good one in force and says why.
 *
 * <p>Revisions are milliseconds of the clock, at least one more than the last: so they also rise
 * over a restart, and an agent never sees one go back.
 */
public final class PolicyFeed {
    /**
     * One revision.
     *
     * @param revision rises with every change
     * @param set all policies of the mesh, compiled
     * @param loaded when they came into force
     * @param refusal why newer files are not in force
     */
    public record State(long revision, PolicySet set, Instant loaded, Optional<String> refusal) {}

    private final MeshSettings mesh;
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile State state;

    public PolicyFeed(MeshSettings mesh, InstantSource clock) {
        this.mesh = mesh;
        this.clock = clock;
        Instant now = clock.instant();
        this.state = new State(now.toEpochMilli(), PolicySet.empty(mesh), now, Optional.empty());
    }

    public State state() {
        return state;
    }

    /** Puts a whole set into force; listeners are told when it differs from the last. */
    public void publish(List<AuthorizationPolicy> policies) {
        if (put(policies)) {
            listeners.forEach(Runnable::run);
        }
    }

    /** Something else that agents must know has changed: a new revision of the same policies. */
    public void touch() {
        synchronized (this) {
            Instant now = clock.instant();
            state = new State(next(now), state.set(), now, state.refusal());
        }
        listeners.forEach(Runnable::run);
    }

    /** The newest set was not understood: the last good one stays. */
    public synchronized void refuse(String reason) {
        state = new State(state.revision(), state.set(), state.loaded(), Optional.of(reason));
    }

    /** Called after each change, on the publisher's thread. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private synchronized boolean put(List<AuthorizationPolicy> policies) {
        Instant now = clock.instant();
        if (policies.equals(state.set().policies())) {
            state = new State(state.revision(), state.set(), state.loaded(), Optional.empty());
            return false;
        }
        long revision = next(now);
        state = new State(revision, PolicySet.of(revision, mesh, policies), now, Optional.empty());
        return true;
    }

    private long next(Instant now) {
        return Math.max(state.revision() + 1, now.toEpochMilli());
    }
}
