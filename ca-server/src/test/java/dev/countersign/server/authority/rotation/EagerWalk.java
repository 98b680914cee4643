package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.util.Optional;

/** A rotation in which everybody does at once what is due, from a root that ends after some ticks. */
final class EagerWalk {
    private static final int LONGEST = 60;

    private final ModelWorld world;
    private final ModelSteps steps;
    private final KnownRoot old;

    EagerWalk(Guards guards, ModelScope scope, int endsAfter) {
        old = Roots.root("root-1", Roots.MAKER.newRoot().life(ModelScope.ticks(endsAfter)).build());
        world = ModelWorld.first(scope, old);
        steps = new ModelSteps(new RotationPlanner(guards));
    }

    /** Whether the old one is needed at a moment when no leaf of full life fits under it any more. */
    boolean oldRootEndsTooEarly() {
        world.begin();
        for (int tick = 0; tick < LONGEST; tick++) {
            dueNow();
            if (world.state().phase() == Phase.PREPARED) {
                return false;
            }
            if (isTooShort()) {
                return true;
            }
            world.tick();
        }
        return false;
    }

    private void dueNow() {
        Optional<ModelSteps.Step> due;
        do {
            due =
                    steps.of(world).stream()
                            .filter(step -> step.name().startsWith("leader"))
                            .findFirst();
            due.ifPresent(step -> step.effect().accept(world));
            ModelReplica replica = world.replicas.getFirst();
            replica.held = world.newestEpoch();
            replica.confirmed = world.now();
            for (ModelAgent agent : world.agents) {
                agent.link = 0;
                agent.load(replica.held);
                agent.acknowledged = replica.held;
                world.leaf(agent, ModelWorld.bit(world.state().signing()));
            }
        } while (due.isPresent());
    }

    private boolean isTooShort() {
        Duration left = Duration.between(world.at(world.now()), old.notAfter());
        Duration life = ModelScope.ticks(world.scope().times().life());
        return world.state().signing().equals(old) && left.compareTo(life) < 0;
    }
}
