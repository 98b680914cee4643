package dev.countersign.server.authority.rotation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Looks at all worlds that a scope can come to, or at some, on long ways. */
final class ModelSearch {
    /** How a world came about. */
    private record Way(@Nullable Way before, String step) {
        List<String> told() {
            List<String> steps = new ArrayList<>();
            for (Way way = this; way != null; way = way.before) {
                steps.add(way.step);
            }
            Collections.reverse(steps);
            return steps;
        }
    }

    private record Reached(ModelWorld world, @Nullable Way way) {}

    /**
     * What a search saw.
     *
     * @param worlds how many different ones
     * @param complete whether these are all
     * @param phases that were in force in some world
     * @param ends trails of phases that came to STABLE again, with who signs then
     * @param alarms of the auditor
     * @param broken what must not be and is, with the way there; empty = all holds
     */
    record Result(
            int worlds,
            boolean complete,
            Set<Phase> phases,
            Set<String> ends,
            Set<String> alarms,
            Optional<String> broken) {}

    private final ModelSteps steps;
    private final Set<Phase> phases = EnumSet.noneOf(Phase.class);
    private final Set<String> ends = new TreeSet<>();
    private final Set<String> alarms = new TreeSet<>();

    ModelSearch(RotationPlanner planner) {
        this.steps = new ModelSteps(planner);
    }

    /** All worlds, the nearest first. */
    Result exhaustively(ModelWorld first, int most) {
        Set<String> seen = new HashSet<>();
        Deque<Reached> open = new ArrayDeque<>();
        open.add(new Reached(first, null));
        seen.add(first.key());
        while (!open.isEmpty()) {
            Reached reached = open.remove();
            for (ModelSteps.Step step : steps.of(reached.world())) {
                ModelWorld next = step.from(reached.world());
                if (!seen.add(next.key())) {
                    continue;
                }
                Way way = new Way(reached.way(), step.name());
                note(next);
                Optional<String> broken = ModelProperties.broken(next);
                if (broken.isPresent()) {
                    return result(
                            seen.size(), false, Optional.of(broken.get() + "\n  " + way.told()));
                }
                if (seen.size() >= most) {
                    return result(seen.size(), false, Optional.empty());
                }
                open.add(new Reached(next, way));
            }
        }
        return result(seen.size(), true, Optional.empty());
    }

    /** One way of at most {@code length} steps. */
    Result walk(ModelWorld first, RandomGenerator random, int length) {
        ModelWorld world = first;
        Way way = new Way(null, "walk");
        for (int i = 0; i < length; i++) {
            List<ModelSteps.Step> possible = steps.of(world);
            ModelSteps.Step step = possible.get(random.nextInt(possible.size()));
            world = step.from(world);
            way = new Way(way, step.name());
            note(world);
            Optional<String> broken = ModelProperties.broken(world);
            if (broken.isPresent()) {
                return result(i + 1, false, Optional.of(broken.get() + "\n  " + way.told()));
            }
        }
        return result(length, false, Optional.empty());
    }

    private void note(ModelWorld world) {
        phases.add(world.state().phase());
        Invariants.broken(world.state(), world.observe()).ifPresent(alarms::add);
        if (world.begun && world.state() instanceof RotationState.Stable stable) {
            ends.add(world.trail() + stable.signing().keyName());
        }
    }

    private Result result(int worlds, boolean complete, Optional<String> broken) {
        return new Result(
                worlds, complete, Set.copyOf(phases), Set.copyOf(ends), Set.copyOf(alarms), broken);
    }
}
