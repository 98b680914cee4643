package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.RotationState.Active;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Draining;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Preparing;
import dev.countersign.server.authority.rotation.RotationState.Retiring;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says what comes next: from the state and what was observed alone. The table of phases, as code: for
 * each the next move, and the guards that must have nothing to say.
 */
public final class RotationPlanner {
    private final Guards guards;

    public RotationPlanner() {
        this(new Guards());
    }

    /** For tests that take a guard away. */
    RotationPlanner(Guards guards) {
        this.guards = guards;
    }

    /** What comes next. */
    public Decision next(RotationState state, Observations seen) {
        return switch (state) {
            case Stable stable -> new Decision.Idle();
            case Preparing preparing -> decide(preparing, Move.MAKE, List.of());
            case Prepared prepared when prepared.course().rotation().plan().emergency() ->
                    decide(prepared, Move.DISTRUST, guards.successor(prepared, seen));
            case Prepared prepared ->
                    decide(
                            prepared,
                            Move.DISTRIBUTE,
                            guards.successor(prepared, seen),
                            guards.oldEnds(prepared, seen));
            case Distributing distributing ->
                    decide(
                            distributing,
                            hasCanaries(distributing) ? Move.CANARY : Move.ACTIVATE,
                            guards.loaded(distributing, seen),
                            guards.dwell(distributing, seen),
                            guards.replicas(distributing, seen));
            case Canary canary ->
                    decide(
                            canary,
                            Move.ACTIVATE,
                            guards.loaded(canary, seen),
                            guards.canaryWindow(canary, seen),
                            guards.canaries(canary, seen),
                            guards.replicas(canary, seen));
            case Active active ->
                    decide(
                            active,
                            Move.DRAIN,
                            guards.replicas(active, seen),
                            activeLoaded(active, seen));
            case Draining draining ->
                    decide(
                            draining,
                            Move.RETIRE,
                            guards.loaded(draining, seen),
                            guards.replicas(draining, seen),
                            guards.leaves(draining, seen),
                            guards.connections(draining, seen));
            case Retiring retiring ->
                    decide(
                            retiring,
                            Move.FINISH,
                            guards.loaded(retiring, seen),
                            guards.replicas(retiring, seen),
                            guards.leaves(retiring, seen),
                            guards.shadow(retiring, seen));
        };
    }

    /**
     * Who stands in the way of going back.
     *
     * @throws IllegalStateException when nothing rotates
     */
    public List<Blocker> undo(RotationState state, Observations seen) {
        return switch (state) {
            case Stable stable ->
                    throw new IllegalStateException(
                            "undo: nothing rotates (expected: a rotation under way)");
            case Preparing preparing -> List.of();
            case Prepared prepared -> List.of();
            case Distributing distributing -> guards.noNewLeaves(distributing, seen);
            case Canary canary -> guards.loaded(canary, seen);
            case Active active -> guards.loaded(active, seen);
            case Draining draining -> again(draining, seen);
            case Retiring retiring -> List.of();
        };
    }

    /** Where the old root was out of the bundle it must have come back to everybody. */
    private List<Blocker> again(Draining draining, Observations seen) {
        List<Blocker> blockers = new ArrayList<>(guards.loaded(draining, seen));
        blockers.addAll(guards.dwellAgain(draining, seen));
        return blockers;
    }

    /** A bundle that the new key signs must have arrived before the old key's name is dropped. */
    private List<Blocker> activeLoaded(Active active, Observations seen) {
        return active.change() instanceof Change.OfBundleKey
                ? guards.loaded(active, seen)
                : List.of();
    }

    private static boolean hasCanaries(Moving state) {
        return state.roots().isPresent()
                && state.course().rotation().plan().canary().isPresent()
                && !state.course().rotation().back();
    }

    @SafeVarargs
    private static Decision decide(RotationState state, Move move, List<Blocker>... found) {
        List<Blocker> blockers = new ArrayList<>();
        state.rotation()
                .flatMap(Rotation::stopped)
                .map(why -> Blocker.of(Blocker.Code.STOPPED, "auditor", why))
                .ifPresent(blockers::add);
        for (List<Blocker> some : found) {
            blockers.addAll(some);
        }
        return blockers.isEmpty() ? new Decision.Go(move) : new Decision.Blocked(move, blockers);
    }

    /** When the whole of it is over at the earliest, by what is known now. */
    public static Instant earliestEnd(RotationPlan plan, Optional<LiveLeaves> leaves, Instant now) {
        Instant signed = now.plus(plan.dwell()).plus(plan.fence().multipliedBy(3));
        if (plan.canary().isPresent()) {
            signed = signed.plus(plan.canaryWindow());
        }
        Duration longest =
                leaves.map(live -> Duration.between(now, live.lastNotAfter()))
                        .filter(Duration::isPositive)
                        .orElse(Duration.ZERO);
        return signed.plus(longest.multipliedBy(2)).plus(plan.skew());
    }
}
