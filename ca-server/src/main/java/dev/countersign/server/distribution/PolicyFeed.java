package dev.countersign.server.distribution;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.policy.authentication.RequestAuthentications;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
     * @param peers all that is said about mutual TLS
     * @param requests all that is said about tokens
     * @param loaded when they came into force
     * @param refusal why newer files are not in force
     * @param changed for each policy, by kind, group and id, the revision since which it says what it
     *     says
     */
    public record State(
            long revision,
            PolicySet set,
            PeerAuthentications peers,
            RequestAuthentications requests,
            Instant loaded,
            Optional<String> refusal,
            Map<String, Long> changed) {
        /** The revision since which a policy of this set says what it says. */
        public long since(AuthorizationPolicy policy) {
            return changed.getOrDefault(key(policy), revision);
        }

        /** The same of what is said about mutual TLS. */
        public long since(PeerAuthentication one) {
            return changed.getOrDefault(key(one), revision);
        }

        /** The same of what is said about tokens. */
        public long since(RequestAuthentication one) {
            return changed.getOrDefault(key(one), revision);
        }

        private State refusing(Optional<String> reason) {
            return new State(revision, set, peers, requests, loaded, reason, changed);
        }
    }

    private volatile MeshSettings mesh;
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile State state;
    private volatile boolean awaited;

    public PolicyFeed(MeshSettings mesh, InstantSource clock) {
        this.mesh = mesh;
        this.clock = clock;
        Instant now = clock.instant();
        this.state =
                new State(
                        now.toEpochMilli(),
                        PolicySet.empty(mesh),
                        new PeerAuthentications(mesh, List.of()),
                        new RequestAuthentications(mesh, List.of()),
                        now,
                        Optional.empty(),
                        Map.of());
    }

    public State state() {
        return state;
    }

    /**
     * Policies are to come from somewhere. Until they do, agents are told nothing, and keep what they
     * have: a server that starts with a set that it refuses must not take the last good one from them.
     */
    public void await() {
        awaited = true;
    }

    /** Whether nothing came yet of what is to come. */
    boolean awaited() {
        return awaited;
    }

    /** Puts a whole set into force; listeners are told when it differs from the last. */
    public void publish(MeshPolicies policies) {
        if (put(policies)) {
            listeners.forEach(Runnable::run);
        }
    }

    /** Reads the same policies against other settings: a new revision. */
    public void read(MeshSettings settings) {
        synchronized (this) {
            Instant now = clock.instant();
            long revision = next(now);
            mesh = settings;
            state =
                    new State(
                            revision,
                            state.set().successor(revision, mesh, state.set().policies()),
                            new PeerAuthentications(mesh, state.peers().all()),
                            new RequestAuthentications(mesh, state.requests().all()),
                            now,
                            state.refusal(),
                            Map.of());
        }
        listeners.forEach(Runnable::run);
    }

    /** Something else that agents must know has changed: a new revision of the same policies. */
    public void touch() {
        synchronized (this) {
            Instant now = clock.instant();
            state =
                    new State(
                            next(now),
                            state.set(),
                            state.peers(),
                            state.requests(),
                            now,
                            state.refusal(),
                            state.changed());
        }
        listeners.forEach(Runnable::run);
    }

    /** The newest set was not understood: the last good one stays. */
    public synchronized void refuse(String reason) {
        state = state.refusing(Optional.of(reason));
    }

    /** Called after each change, on the publisher's thread. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private synchronized boolean put(MeshPolicies written) {
        Instant now = clock.instant();
        List<AuthorizationPolicy> policies = written.policies();
        PeerAuthentications peers = new PeerAuthentications(mesh, written.peerAuthentications());
        RequestAuthentications requests =
                new RequestAuthentications(mesh, written.requestAuthentications());
        boolean same =
                !awaited
                        && policies.equals(state.set().policies())
                        && peers.all().equals(state.peers().all())
                        && requests.all().equals(state.requests().all());
        if (same) {
            state = state.refusing(Optional.empty());
            return false;
        }
        awaited = false;
        long revision = next(now);
        state =
                new State(
                        revision,
                        state.set().successor(revision, mesh, policies),
                        peers,
                        requests,
                        now,
                        Optional.empty(),
                        changed(written, revision));
        return true;
    }

    private Map<String, Long> changed(MeshPolicies written, long revision) {
        Map<String, Long> changed = new HashMap<>();
        Set<Object> before = new HashSet<>(state.set().policies());
        before.addAll(state.peers().all());
        before.addAll(state.requests().all());
        for (AuthorizationPolicy one : written.policies()) {
            changed.put(key(one), before.contains(one) ? state.since(one) : revision);
        }
        for (PeerAuthentication one : written.peerAuthentications()) {
            changed.put(key(one), before.contains(one) ? state.since(one) : revision);
        }
        for (RequestAuthentication one : written.requestAuthentications()) {
            changed.put(key(one), before.contains(one) ? state.since(one) : revision);
        }
        return Map.copyOf(changed);
    }

    private static String key(AuthorizationPolicy policy) {
        return policy.group() + " " + policy.id();
    }

    private static String key(PeerAuthentication one) {
        return "peers " + one.group() + " " + one.id();
    }

    private static String key(RequestAuthentication one) {
        return "requests " + one.group() + " " + one.id();
    }

    private long next(Instant now) {
        return Math.max(state.revision() + 1, now.toEpochMilli());
    }
}
