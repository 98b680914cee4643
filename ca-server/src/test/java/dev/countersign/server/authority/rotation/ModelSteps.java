package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.RotationState.Preparing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Everything that can happen next in a world. Nobody is forced to do anything but the clock: an agent
 * that is not chosen lags, a replica that is not chosen is paused, a message that is not chosen is
 * late.
 */
final class ModelSteps {
    /** One thing that can happen, with a name for the story of a failure. */
    record Step(String name, Consumer<ModelWorld> effect) {
        ModelWorld from(ModelWorld world) {
            ModelWorld next = world.copy();
            effect.accept(next);
            return next;
        }
    }

    private final RotationPlanner planner;

    ModelSteps(RotationPlanner planner) {
        this.planner = planner;
    }

    List<Step> of(ModelWorld world) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step("tick", this::tick));
        operator(world, steps);
        for (int i = 0; i < world.replicas.size(); i++) {
            replica(world, i, steps);
        }
        for (ModelAgent agent : world.agents) {
            agent(world, agent, steps);
        }
        faults(world, steps);
        return steps;
    }

    private void operator(ModelWorld world, List<Step> steps) {
        if (!world.begun) {
            steps.add(new Step("begin", ModelWorld::begin));
        } else if (world.undosLeft > 0 && world.state().rotation().isPresent()) {
            if (planner.undo(world.state(), world.observe()).isEmpty()) {
                steps.add(new Step("undo", ModelSteps::undo));
            }
        }
    }

    private static void undo(ModelWorld world) {
        world.undosLeft--;
        world.publish(world.newestEpoch(), Moves.back(world.state(), world.mark()));
    }

    private void replica(ModelWorld world, int number, List<Step> steps) {
        ModelReplica replica = world.replicas.get(number);
        ModelScope.Times times = world.scope().times();
        String name = "r" + number;
        if (replica.held != world.newestEpoch() || replica.confirmed != world.now()) {
            steps.add(new Step(name + " looks", next -> looks(next, number)));
        }
        lead(world, number, steps);
        if (!replica.mayAct(world.now(), times.lease())) {
            return;
        }
        if (replica.planned != 0) {
            steps.add(new Step(name + " signs what it planned", next -> signs(next, number)));
        }
        for (ModelAgent agent : world.agents) {
            if (!asks(world, replica, number, agent)) {
                continue;
            }
            if (world.scope().liberties().slowPlans()) {
                if (replica.planned == 0) {
                    steps.add(
                            new Step(
                                    name + " plans for " + agent.name,
                                    next -> plans(next, number, agent.number)));
                }
            } else {
                steps.add(
                        new Step(
                                name + " issues to " + agent.name,
                                next -> {
                                    plans(next, number, agent.number);
                                    signs(next, number);
                                }));
            }
        }
    }

    /** Whether an agent comes for a certificate; where connections are looked at, not without need. */
    private static boolean asks(
            ModelWorld world, ModelReplica replica, int number, ModelAgent agent) {
        boolean elsewhere = agent.link != number && agent.link != ModelAgent.NOWHERE;
        if (!agent.up || elsewhere) {
            return false;
        }
        return !world.scope().liberties().connections()
                || !agent.holdsValidLeaf(world.now())
                || agent.leafRoot != rootFor(world, replica, agent);
    }

    private static int rootFor(ModelWorld world, ModelReplica replica, ModelAgent agent) {
        RotationState state = world.published(replica.held).state();
        return ModelWorld.bit(
                agent.isCanary() ? state.canaryRoot().orElse(state.signing()) : state.signing());
    }

    /** What a replica decides from the newest epoch, at once or in two steps. */
    private void lead(ModelWorld world, int number, List<Step> steps) {
        if (world.decided != null) {
            steps.add(new Step("leader moves", next -> moves(next, number)));
            return;
        }
        if (world.state() instanceof RotationState.Stable
                || (number > 0 && !world.scope().liberties().slowPlans())) {
            return;
        }
        Observations seen = world.observe();
        if (planner.next(world.state(), seen) instanceof Decision.Go go) {
            RotationState after = after(world, go.move(), seen);
            ModelWorld.Decided decided =
                    new ModelWorld.Decided(
                            world.newestEpoch(), after, ModelProperties.canariesTalked(world));
            if (world.scope().liberties().slowPlans()) {
                steps.add(
                        new Step(
                                "leader decides " + go.move(),
                                next -> {
                                    looks(next, number);
                                    next.decided = decided;
                                }));
            } else {
                steps.add(
                        new Step(
                                "leader " + go.move(),
                                next -> {
                                    next.decided = decided;
                                    moves(next, number);
                                }));
            }
        }
    }

    private static RotationState after(ModelWorld world, Move move, Observations seen) {
        return world.state() instanceof Preparing preparing
                ? preparing.made(world.change(), world.mark())
                : Moves.on(world.state(), move, seen, world.mark());
    }

    private static void moves(ModelWorld world, int number) {
        ModelWorld.Decided decided = world.decided;
        world.decided = null;
        if (decided != null && world.publish(decided.epoch(), decided.next())) {
            ModelProperties.moved(world, decided);
            hastens(world);
        }
        looks(world, number);
    }

    /** The pacer has the canary renew at once: the window is to be seen, not who is slow. */
    private static void hastens(ModelWorld world) {
        if (world.scope().fault() == ModelScope.Fault.DEAF_AGENT
                && world.state() instanceof RotationState.Canary) {
            ModelAgent canary = of(world, 0);
            world.leaf(canary, 2);
            canary.load(world.newestEpoch());
        }
    }

    private static void looks(ModelWorld world, int number) {
        ModelReplica replica = world.replicas.get(number);
        replica.held = world.newestEpoch();
        replica.confirmed = world.now();
    }

    private static void plans(ModelWorld world, int number, int agent) {
        ModelReplica replica = world.replicas.get(number);
        replica.planned = rootFor(world, replica, world.agents.get(agent));
        replica.plannedFor = agent;
    }

    /** As production: under the lease, and only for who may sign in the phase that it knows. */
    private static void signs(ModelWorld world, int number) {
        ModelReplica replica = world.replicas.get(number);
        int root = replica.planned;
        replica.planned = 0;
        RotationState state = world.published(replica.held).state();
        if ((ModelWorld.bits(state.signers()) & root) == 0) {
            return;
        }
        ModelProperties.signed(world, replica);
        ModelAgent agent = world.agents.get(replica.plannedFor);
        if (agent.up) {
            world.leaf(agent, root);
            agent.load(replica.held);
        } else {
            world.record(root);
            agent.podEnd = world.now() + world.scope().times().life();
        }
    }

    private void agent(ModelWorld world, ModelAgent agent, List<Step> steps) {
        int number = agent.number;
        ModelScope.Liberties liberties = world.scope().liberties();
        if (!agent.up) {
            steps.add(new Step(agent.name + " returns", next -> of(next, number).returns(true)));
            steps.add(
                    new Step(
                            agent.name + " returns with its bootstrap file",
                            next -> of(next, number).returns(false)));
            return;
        }
        if (agent.link != ModelAgent.NOWHERE) {
            int held = world.replicas.get(agent.link).held;
            if (held > agent.loaded) {
                steps.add(
                        new Step(
                                agent.name + " loads",
                                next -> loads(of(next, number), held, liberties)));
            }
        }
        for (int epoch = agent.acknowledged + 1; epoch <= world.newestEpoch(); epoch++) {
            if ((agent.underWay & (1 << epoch)) != 0) {
                int arriving = epoch;
                steps.add(
                        new Step(
                                agent.name + "'s word of " + epoch + " arrives",
                                next -> arrives(of(next, number), arriving)));
            }
        }
        connects(world, agent, steps);
        if (liberties.partitions() && agent.link != ModelAgent.NOWHERE) {
            steps.add(
                    new Step(
                            agent.name + " is cut off",
                            next -> of(next, number).link = ModelAgent.NOWHERE));
        }
        if (liberties.deaths()) {
            steps.add(new Step(agent.name + " dies", next -> of(next, number).dies()));
        }
        if (liberties.connections()) {
            connections(world, agent, steps);
        }
    }

    /** Where connections are looked at nobody lags. */
    private static void loads(ModelAgent agent, int epoch, ModelScope.Liberties liberties) {
        agent.load(epoch);
        if (liberties.connections() && !liberties.partitions()) {
            arrives(agent, epoch);
        }
    }

    private static void arrives(ModelAgent agent, int epoch) {
        agent.acknowledged = Math.max(agent.acknowledged, epoch);
        agent.underWay &= -1 << (epoch + 1);
    }

    /** A stream needs a certificate, and begins with word of what is loaded. */
    private void connects(ModelWorld world, ModelAgent agent, List<Step> steps) {
        if (agent.link != ModelAgent.NOWHERE || !agent.holdsValidLeaf(world.now())) {
            return;
        }
        for (int i = 0; i < world.replicas.size(); i++) {
            int replica = i;
            steps.add(
                    new Step(
                            agent.name + " connects to r" + i,
                            next -> {
                                ModelAgent connecting = of(next, agent.number);
                                connecting.link = replica;
                                connecting.load(connecting.loaded);
                            }));
        }
    }

    private void connections(ModelWorld world, ModelAgent agent, List<Step> steps) {
        Phase phase = world.state().phase();
        if (phase != Phase.CANARY && phase != Phase.DRAINING && phase != Phase.RETIRING) {
            return;
        }
        for (ModelAgent peer : world.agents) {
            if (peer != agent
                    && agent.holdsValidLeaf(world.now())
                    && peer.holdsValidLeaf(world.now())) {
                steps.add(
                        new Step(
                                agent.name + " meets " + peer.name,
                                next ->
                                        meets(
                                                next,
                                                of(next, agent.number),
                                                of(next, peer.number))));
            }
        }
        if (agent.open != 0) {
            steps.add(
                    new Step(
                            agent.name + " closes connections",
                            next -> of(next, agent.number).open = 0));
        }
    }

    private static void meets(ModelWorld world, ModelAgent agent, ModelAgent peer) {
        boolean deaf =
                world.scope().fault() == ModelScope.Fault.DEAF_AGENT
                        && agent.number == 1
                        && peer.leafRoot == 2;
        if (deaf || (world.published(agent.loaded).trust() & peer.leafRoot) == 0) {
            agent.untrusted = world.now();
        } else {
            agent.needed[peer.leafRoot] = world.now();
            agent.open |= peer.leafRoot;
        }
    }

    private void faults(ModelWorld world, List<Step> steps) {
        switch (world.scope().fault()) {
            case EARLY_LEAF -> {
                if (world.state() instanceof RotationState.Distributing
                        && world.issued[2] == ModelAgent.NEVER) {
                    steps.add(new Step("somebody signs by the new root", next -> next.record(2)));
                }
            }
            case LOST_RECORDS -> {
                if (world.state() instanceof RotationState.Draining
                        && world.logged[1] > world.now()) {
                    steps.add(
                            new Step(
                                    "records are lost", next -> next.logged[1] = ModelAgent.NEVER));
                }
            }
            case NONE, KNOWN_SUCCESSOR, BRIEF_SUCCESSOR, DEAF_AGENT, SILENT_REPLICAS -> {}
        }
    }

    /** Time goes on; whoever does not get on with canaries has met one by the end of their window. */
    private void tick(ModelWorld world) {
        world.tick();
        for (ModelAgent agent : world.agents) {
            if (!agent.holdsValidLeaf(world.now())) {
                agent.losesStream();
            }
        }
        boolean meets =
                world.scope().fault() == ModelScope.Fault.DEAF_AGENT
                        && world.state() instanceof RotationState.Canary
                        && world.now() - world.newest().tick() == world.scope().times().window();
        if (meets) {
            meets(world, of(world, 1), of(world, 0));
        }
    }

    private static ModelAgent of(ModelWorld world, int number) {
        return world.agents.get(number);
    }
}
