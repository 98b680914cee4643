package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What must hold in every world, looked at from what is and not from what the servers have on record: R1
 * to R5, and what else guards are there for. R6 is about the executor and tested with it.
 */
final class ModelProperties {
    private ModelProperties() {}

    /** The first that is broken. */
    static Optional<String> broken(ModelWorld world) {
        return Optional.ofNullable(world.broken)
                .or(() -> signersAreTrusted(world))
                .or(() -> rootsOfLeavesAreTrusted(world))
                .or(() -> bundlesAreBelieved(world));
    }

    /** R1: every authority that may sign, here or at a replica that lags, is trusted by all who live. */
    private static Optional<String> signersAreTrusted(ModelWorld world) {
        int signers = ModelWorld.bits(world.state().signers());
        for (ModelReplica replica : world.replicas) {
            if (replica.mayAct(world.now(), world.scope().times().lease())) {
                RotationState held = world.published(replica.held).state();
                signers |= ModelWorld.bits(held.signers());
            }
        }
        return untrusting(world, signers, "R1: ");
    }

    /** R2: while a leaf under a root lives, the root is trusted by all who live. */
    private static Optional<String> rootsOfLeavesAreTrusted(ModelWorld world) {
        int above = 0;
        for (int root = 1; root <= 2; root++) {
            if (world.issued[root] + world.scope().times().skew() > world.now()) {
                above |= root;
            }
        }
        if (world.scope().fault() == ModelScope.Fault.LOST_RECORDS) {
            return Optional.empty();
        }
        int trusted = world.newest().trust();
        if ((above & ~trusted) != 0) {
            return Optional.of("R2: the newest bundle trusts " + trusted + ", live are " + above);
        }
        return world.scope().fault() == ModelScope.Fault.EARLY_LEAF
                ? Optional.empty()
                : untrusting(world, above, "R2: ");
    }

    private static Optional<String> untrusting(ModelWorld world, int roots, String what) {
        for (ModelAgent agent : world.agents) {
            int trust = world.published(agent.loaded).trust();
            if (agent.lives(world.now(), world.scope().times().skew()) && (roots & ~trust) != 0) {
                return Optional.of(
                        what + agent.name + " trusts " + trust + " (expected: " + roots + ")");
            }
        }
        if (world.scope().liberties().outsider() && (roots & ~world.outsiderTrust()) != 0) {
            return Optional.of(what + "the outsider trusts " + world.outsiderTrust());
        }
        return Optional.empty();
    }

    /** Whoever lives knows the key that signs the newest bundle. */
    private static Optional<String> bundlesAreBelieved(ModelWorld world) {
        BundleKey signer = world.state().bundleKeys().signer();
        for (ModelAgent agent : world.agents) {
            BundleKeys known = world.published(agent.loaded).state().bundleKeys();
            boolean believes =
                    known.listed().contains(signer)
                            || known.next().filter(signer::equals).isPresent();
            if (agent.lives(world.now(), world.scope().times().skew()) && !believes) {
                return Optional.of("bundle key: " + agent.name + " does not know the signer");
            }
        }
        return Optional.empty();
    }

    /** R5: what is signed is signed while the phase that the replica knows was in force a lease ago. */
    static void signed(ModelWorld world, ModelReplica replica) {
        int lease = world.scope().times().lease();
        if (replica.held < world.newestEpoch()
                && world.now() - world.published(replica.held + 1).tick() >= lease) {
            world.broken = "R5: a replica signs under epoch " + replica.held;
        }
    }

    /** What a move must not do, whatever was observed. */
    static void moved(ModelWorld world, ModelWorld.Decided decided) {
        RotationState state = world.state();
        RotationState before = world.published(world.newestEpoch() - 1).state();
        Optional<String> wrong =
                bundleIsGood(world, state)
                        .or(() -> canariesDidWell(world, before, state, decided))
                        .or(() -> nothingIsOpen(world, before, state))
                        .or(() -> nobodyMissesTheOld(world, before, state));
        wrong.ifPresent(what -> world.broken = what);
    }

    private static Optional<String> bundleIsGood(ModelWorld world, RotationState state) {
        List<KnownRoot> roots = state.trusted();
        for (KnownRoot root : roots) {
            for (KnownRoot other : roots) {
                if (!root.equals(other)
                        && (root.sharesKeyWith(other) || root.subject().equals(other.subject()))) {
                    return Optional.of("bundle: two roots of one key or name");
                }
            }
            if (root.notAfter().isBefore(world.at(world.now()).plus(Duration.ofDays(25)))) {
                return Optional.of("bundle: a root that ends soon");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> canariesDidWell(
            ModelWorld world,
            RotationState before,
            RotationState after,
            ModelWorld.Decided decided) {
        boolean over = before.phase() == Phase.CANARY && after.phase() == Phase.ACTIVE;
        if (!over || ((Moving) after).course().rotation().back()) {
            return Optional.empty();
        }
        if (world.scope().fault() == ModelScope.Fault.DEAF_AGENT) {
            return Optional.of("canary: one cannot talk to canaries, and all get the new root");
        }
        return decided.talked()
                ? Optional.empty()
                : Optional.of("canary: no handshakes in both directions");
    }

    /** Since the newest epoch, in both directions. */
    static boolean canariesTalked(ModelWorld world) {
        long since = world.newest().tick();
        boolean theirs =
                world.agents.stream().anyMatch(one -> !one.isCanary() && one.needed[2] > since);
        return theirs && world.agents.getFirst().needed[1] > since;
    }

    private static Optional<String> nothingIsOpen(
            ModelWorld world, RotationState before, RotationState after) {
        if (after.phase() != Phase.RETIRING || !(before instanceof Moving moving)) {
            return Optional.empty();
        }
        int old = moving.roots().map(change -> ModelWorld.bit(change.from())).orElse(0);
        return world.agents.stream()
                .filter(one -> one.link != ModelAgent.NOWHERE && (one.open & old) != 0)
                .map(one -> "connections: " + one.name + " holds one open under the old root")
                .findFirst();
    }

    private static Optional<String> nobodyMissesTheOld(
            ModelWorld world, RotationState before, RotationState after) {
        if (before.phase() != Phase.RETIRING || !(after instanceof Stable)) {
            return Optional.empty();
        }
        int gone = ((Moving) before).roots().map(c -> ModelWorld.bit(c.from())).orElse(0);
        return gone != 0 && world.issued[gone] + world.scope().times().skew() > world.now()
                ? Optional.of("shadow: a leaf under the forgotten root lives")
                : Optional.empty();
    }
}
