package dev.countersign.server.authority.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.authority.rotation.ModelScope.Fault;
import dev.countersign.server.authority.rotation.ModelScope.Liberties;
import dev.countersign.server.authority.rotation.ModelScope.Times;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Draining;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Retiring;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Each guard of the planner is needed: without it some world is reached in which something is broken that
 * holds in all worlds with it.
 */
final class RotationGuardsTest {
    private static final int MOST_WORLDS = 400_000;
    private static final int MOST_WORLDS_WITH_ALL =
            Boolean.getBoolean("countersign.full") ? MOST_WORLDS : 15_000;
    private static final Liberties CONNECTIONS = new Liberties(false, false, false, false, true);
    private static final Liberties OUTSIDER = new Liberties(false, false, false, true, false);

    /** Else what the fences between phases take is enough for all leaves to end. */
    private static final Times LONGER_LIFE = new Times(1, 1, 1, 1, 1, 3);

    @Test
    void withoutLoadedTheNewRootSignsBeforeAllTrustIt() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> loaded(Moving state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(1, 1, Liberties.NONE),
                "R1: web/a0");
    }

    @Test
    void withoutLoadedInDrainingTheOldRootSignsAgainBeforeAllTrustItAgain() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> loaded(Moving state, Observations seen) {
                        return state instanceof Draining ? List.of() : super.loaded(state, seen);
                    }
                },
                ModelScope.of(1, 1, Liberties.NONE).withUndos(2),
                "R1: web/a0");
    }

    @Test
    void withoutDwellTheNewRootSignsBeforeTheUnknownTrustIt() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> dwell(Distributing state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(1, 1, OUTSIDER).withTimes(new Times(2, 1, 1, 1, 1, 1)),
                "R1: the outsider");
    }

    @Test
    void withoutDwellAgainTheOldRootSignsAgainBeforeTheUnknownTrustIt() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> dwellAgain(Draining state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(1, 1, OUTSIDER).withUndos(2),
                "R1: the outsider");
    }

    @Test
    void withoutReplicasALateOneSignsByARootThatIsGone() {
        Guards broken =
                new Guards() {
                    @Override
                    List<Blocker> replicas(Moving state, Observations seen) {
                        return List.of();
                    }
                };
        isNeeded(broken, ModelScope.of(1, 2, Liberties.NONE), "R");
        isNeeded(broken, ModelScope.of(1, 2, Liberties.NONE).with(Fault.SILENT_REPLICAS), "R");
    }

    @Test
    void withoutLeavesTheOldRootLeavesTheBundleTooEarly() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> leaves(Moving state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(1, 1, Liberties.NONE).withTimes(LONGER_LIFE),
                "R2: ");
    }

    @Test
    void withoutConnectionsTheOldRootLeavesWhileSomeAreOpen() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> connections(Draining state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(2, 1, CONNECTIONS).withTimes(LONGER_LIFE),
                "connections: ");
    }

    @Test
    void withoutShadowTheOldRootIsForgottenWhileSomebodyNeedsIt() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> shadow(Retiring state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(1, 1, Liberties.NONE)
                        .with(Fault.LOST_RECORDS)
                        .withTimes(new Times(1, 1, 1, 1, 1, 5)),
                "shadow: ");
    }

    @Test
    void withoutNoNewLeavesSomebodysRootIsTakenAway() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> noNewLeaves(Distributing state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(1, 1, Liberties.NONE).with(Fault.EARLY_LEAF).withUndos(1),
                "R2: ");
    }

    @Test
    void withoutSuccessorABadRootGetsIntoTheBundle() {
        Guards broken =
                new Guards() {
                    @Override
                    List<Blocker> successor(Prepared state, Observations seen) {
                        return List.of();
                    }
                };
        isNeeded(
                broken,
                ModelScope.of(1, 1, Liberties.NONE).with(Fault.KNOWN_SUCCESSOR),
                "bundle: two roots");
        isNeeded(
                broken,
                ModelScope.of(1, 1, Liberties.NONE).with(Fault.BRIEF_SUCCESSOR),
                "bundle: a root that ends soon");
    }

    @Test
    void withoutCanariesTheNewRootSignsForAllThoughNothingIsKnown() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> canaries(Canary state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(2, 1, CONNECTIONS).withCanary(),
                "canary: no handshakes");
    }

    @Test
    void withoutCanaryWindowWhoDoesNotGetOnWithThemIsFoundTooLate() {
        isNeeded(
                new Guards() {
                    @Override
                    List<Blocker> canaryWindow(Canary state, Observations seen) {
                        return List.of();
                    }
                },
                ModelScope.of(3, 1, CONNECTIONS)
                        .withCanary()
                        .with(Fault.DEAF_AGENT)
                        .withTimes(new Times(1, 3, 1, 1, 1, 9)),
                "canary: one cannot talk");
    }

    @Test
    void withoutOldEndsTheOldRootEndsWhileItIsNeeded() {
        Guards broken =
                new Guards() {
                    @Override
                    List<Blocker> oldEnds(Prepared state, Observations seen) {
                        return List.of();
                    }
                };

        assertThat(firstEndThatIsTooEarly(new Guards())).isEmpty();
        assertThat(firstEndThatIsTooEarly(broken)).isPresent();
    }

    /** Of the old root, in ticks; everybody does what is due at once. */
    private static OptionalInt firstEndThatIsTooEarly(Guards guards) {
        ModelScope scope =
                ModelScope.of(1, 1, Liberties.NONE).withTimes(new Times(4, 1, 1, 1, 1, 3));
        return IntStream.range(4, 30)
                .filter(end -> new EagerWalk(guards, scope, end).oldRootEndsTooEarly())
                .findFirst();
    }

    /** With all guards the same scope has no such world, as far as it was looked at. */
    private static void isNeeded(Guards without, ModelScope scope, String broken) {
        ModelSearch.Result found = search(without, scope, MOST_WORLDS);

        assertThat(found.broken()).isPresent();
        assertThat(found.broken().orElseThrow()).startsWith(broken);
        assertThat(search(new Guards(), scope, MOST_WORLDS_WITH_ALL).broken()).isEmpty();
    }

    private static ModelSearch.Result search(Guards guards, ModelScope scope, int most) {
        return new ModelSearch(new RotationPlanner(guards))
                .exhaustively(ModelWorld.first(scope), most);
    }
}
