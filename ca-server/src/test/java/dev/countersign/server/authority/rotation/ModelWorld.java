package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything there is at one moment of a model: the journal of epochs, replicas, agents, and what is
 * unexpired. The states are those of production and the planner is asked as in production.
 *
 * <p>Mutable: {@link ModelSteps} copies before it changes one.
 */
final class ModelWorld {
    private static final KnownRoot KNOWN =
            Roots.root(
                    "root-2",
                    Roots.MAKER
                            .newRoot()
                            .subject(Roots.A.certificate().getSubjectX500Principal().getName())
                            .keyPair(Roots.keysOf(Roots.MAKER.root()))
                            .build());
    private static final KnownRoot BRIEF =
            Roots.root("root-2", Roots.MAKER.newRoot().life(Duration.ofDays(2)).build());

    /**
     * One epoch.
     *
     * @param trust bits of the roots in its bundle
     */
    record Published(RotationState state, long tick, int trust) {}

    /**
     * A move that was decided and not made yet.
     *
     * @param talked whether canaries and others had been seen to talk to each other by then: who dies
     *     afterwards forgets it and takes nothing back
     */
    record Decided(int epoch, RotationState next, boolean talked) {}

    private final ModelScope scope;
    private final List<Published> journal = new ArrayList<>();
    final List<ModelReplica> replicas = new ArrayList<>();
    final List<ModelAgent> agents = new ArrayList<>();

    /** By root: when the last leaf ends, as the log knows and as it is. */
    final long[] logged = {ModelAgent.NEVER, ModelAgent.NEVER, ModelAgent.NEVER};

    final long[] issued = {ModelAgent.NEVER, ModelAgent.NEVER, ModelAgent.NEVER};
    private String trail = "";
    private long now;
    int undosLeft;
    boolean begun;
    @Nullable Decided decided;

    /** What happened that must not. */
    @Nullable String broken;

    private ModelWorld(ModelScope scope) {
        this.scope = scope;
    }

    /** Root A signs, everybody knows it, everybody has a leaf and is connected to some replica. */
    static ModelWorld first(ModelScope scope) {
        return first(scope, Roots.A);
    }

    static ModelWorld first(ModelScope scope, KnownRoot old) {
        ModelWorld world = new ModelWorld(scope);
        world.undosLeft = scope.undos();
        RotationState first = RotationState.first(old, Roots.K1, new Mark(1, Roots.NOW));
        world.journal.add(new Published(first, 0, 1));
        for (int i = 0; i < scope.replicas(); i++) {
            world.replicas.add(new ModelReplica());
        }
        for (int i = 0; i < scope.agents(); i++) {
            ModelAgent agent = new ModelAgent(i);
            world.agents.add(agent);
            agent.link = i % scope.replicas();
            agent.acknowledged = 1;
            world.leaf(agent, 1);
        }
        return world;
    }

    ModelWorld copy() {
        ModelWorld copy = new ModelWorld(scope);
        copy.journal.addAll(journal);
        replicas.forEach(replica -> copy.replicas.add(replica.copy()));
        agents.forEach(agent -> copy.agents.add(agent.copy()));
        System.arraycopy(logged, 0, copy.logged, 0, logged.length);
        System.arraycopy(issued, 0, copy.issued, 0, issued.length);
        copy.trail = trail;
        copy.now = now;
        copy.undosLeft = undosLeft;
        copy.begun = begun;
        copy.decided = decided;
        copy.broken = broken;
        return copy;
    }

    ModelScope scope() {
        return scope;
    }

    long now() {
        return now;
    }

    void tick() {
        now++;
    }

    Instant at(long tick) {
        return Roots.NOW.plus(ModelScope.ticks(tick));
    }

    int newestEpoch() {
        return journal.size();
    }

    Published newest() {
        return journal.getLast();
    }

    Published published(int epoch) {
        return journal.get(epoch - 1);
    }

    RotationState state() {
        return newest().state();
    }

    /** What a verifier that nobody knows of believes: the bundle of a dwell time ago. */
    int outsiderTrust() {
        for (int epoch = newestEpoch(); epoch > 1; epoch--) {
            if (published(epoch).tick() <= now - scope.times().dwell()) {
                return published(epoch).trust();
            }
        }
        return published(1).trust();
    }

    Mark mark() {
        return new Mark(newestEpoch() + 1L, at(now));
    }

    void begin() {
        begun = true;
        Rotation rotation = Rotation.begin("r", at(now), "operator", scope.plan());
        publish(
                newestEpoch(),
                ((RotationState.Stable) state())
                        .prepare(rotation, scope.subject(), "root-2", mark()));
    }

    /** A compare-and-set on the epoch. */
    boolean publish(int expected, RotationState next) {
        if (expected != newestEpoch()) {
            return false;
        }
        if (next.since().epoch() != expected + 1L) {
            broken = "R3: epoch " + next.since().epoch() + " after " + expected;
        }
        journal.add(new Published(next, now, bits(next.trusted())));
        trail += next.phase() + (isBack(next) ? "-back " : " ");
        return true;
    }

    private static boolean isBack(RotationState state) {
        return state.rotation().filter(Rotation::back).isPresent();
    }

    Change change() {
        if (scope.subject() == Change.Subject.BUNDLE_KEY) {
            return new Change.OfBundleKey(Roots.K1, Roots.K2);
        }
        KnownRoot to =
                switch (scope.fault()) {
                    case KNOWN_SUCCESSOR -> KNOWN;
                    case BRIEF_SUCCESSOR -> BRIEF;
                    case NONE, EARLY_LEAF, LOST_RECORDS, DEAF_AGENT, SILENT_REPLICAS -> Roots.B;
                };
        return new Change.OfRoot(published(1).state().signing(), to, Optional.empty());
    }

    /** A leaf comes into being, and is in the log. */
    void leaf(ModelAgent agent, int root) {
        agent.leafRoot = root;
        agent.leafEnd = now + scope.times().life();
        agent.podEnd = agent.leafEnd;
        record(root);
    }

    void record(int root) {
        logged[root] = now + scope.times().life();
        issued[root] = logged[root];
    }

    Observations observe() {
        Map<String, LiveLeaves> leaves = new HashMap<>();
        for (int root = 1; root <= 2; root++) {
            if (logged[root] + scope.times().skew() > now) {
                leaves.put(keyId(root), new LiveLeaves(1, at(logged[root]), "somebody"));
            }
        }
        return new Observations(
                at(now),
                agents.stream()
                        .map(one -> one.seen(at(one.podEnd), at(now), one.usage(this)))
                        .toList(),
                seenReplicas(),
                leaves);
    }

    private List<Replica> seenReplicas() {
        List<Replica> seen = new ArrayList<>();
        int known = scope.fault() == ModelScope.Fault.SILENT_REPLICAS ? 0 : replicas.size();
        for (int i = 0; i < known; i++) {
            ModelReplica replica = replicas.get(i);
            seen.add(new Replica("r" + i, ModelScope.ticks(now - replica.confirmed), replica.held));
        }
        return seen;
    }

    /** Equal keys: whatever can happen in one can happen in the other. */
    String key() {
        long since = newest().tick();
        ModelScope.Times times = scope.times();
        int longest = Math.max(Math.max(times.dwell(), times.window()), times.fence());
        StringBuilder key = new StringBuilder(96);
        key.append(trail)
                .append('t')
                .append(Math.min(now - since, longest + times.life() + times.skew()))
                .append(begun)
                .append(undosLeft);
        if (decided != null) {
            key.append('d')
                    .append(decided.epoch())
                    .append(decided.next().phase())
                    .append(decided.talked());
        }
        for (int epoch = newestEpoch(); epoch > 1; epoch--) {
            long age = now - published(epoch).tick();
            if (age >= times.dwell() || !scope.liberties().outsider()) {
                break;
            }
            key.append('e').append(age);
        }
        for (int root = 1; root <= 2; root++) {
            key.append(',')
                    .append(Math.max(0, logged[root] + times.skew() - now))
                    .append('.')
                    .append(Math.max(0, issued[root] + times.skew() - now));
        }
        if (state() instanceof RotationState.Draining draining) {
            key.append('r').append(draining.longestLife().toMinutes());
        } else if (state() instanceof RotationState.Retiring retiring) {
            key.append('r').append(retiring.longestLife().toMinutes());
        }
        replicas.forEach(replica -> replica.key(key, this));
        agents.forEach(agent -> agent.key(key, now, since, times.skew()));
        return key.toString();
    }

    String trail() {
        return trail;
    }

    static int bits(List<KnownRoot> roots) {
        return roots.stream().mapToInt(ModelWorld::bit).reduce(0, (a, b) -> a | b);
    }

    /** The old root has one name in all scopes. */
    static int bit(KnownRoot root) {
        return root.keyName().equals("root-1") ? 1 : 2;
    }

    static KnownRoot root(int bit) {
        return bit == 1 ? Roots.A : Roots.B;
    }

    private String keyId(int bit) {
        return bit == 1 ? published(1).state().signing().keyId() : Roots.B.keyId();
    }

    Set<Phase> phases() {
        Set<Phase> phases = EnumSet.noneOf(Phase.class);
        journal.forEach(one -> phases.add(one.state().phase()));
        return phases;
    }
}
