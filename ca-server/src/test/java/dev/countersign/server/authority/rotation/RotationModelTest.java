package dev.countersign.server.authority.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.server.authority.rotation.ModelScope.Fault;
import dev.countersign.server.authority.rotation.ModelScope.Liberties;
import dev.countersign.server.authority.rotation.ModelScope.Times;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The planner of production in all worlds that a few agents and replicas can come to, who lag, die, come
 * back, lose streams, and whose messages change places; and on random ways of more of them. With {@code
 * -Dcountersign.full=true} larger ones, for some minutes.
 */
final class RotationModelTest {
    private static final boolean FULL = Boolean.getBoolean("countersign.full");
    private static final int MOST_WORLDS = 3_000_000;
    private static final int WALKS = FULL ? 5_000 : 60;
    private static final int WALK_STEPS = 1_500;

    private static final Liberties CONNECTIONS = new Liberties(false, false, false, false, true);
    private static final Liberties OUTSIDER = new Liberties(false, false, false, true, false);
    private static final Liberties SLOW = new Liberties(false, false, true, false, false);
    private static final Liberties ALL = new Liberties(true, true, true, true, true);

    private static final String STRAIGHT =
            "PREPARED PREPARED DISTRIBUTING ACTIVE DRAINING RETIRING STABLE ";
    private static final String WITH_CANARIES =
            "PREPARED PREPARED DISTRIBUTING CANARY ACTIVE DRAINING RETIRING STABLE ";

    private static final Set<Phase> WITHOUT_CANARIES =
            EnumSet.complementOf(EnumSet.of(Phase.CANARY));

    static Set<ModelScope> small() {
        return Set.of(
                ModelScope.of(1, 1, Liberties.CHURN).withUndos(1),
                ModelScope.of(1, 1, OUTSIDER).withUndos(2),
                ModelScope.of(1, 2, Liberties.NONE),
                ModelScope.of(1, 1, Liberties.CHURN).of(Change.Subject.BUNDLE_KEY),
                ModelScope.of(1, 1, SLOW).with(Fault.SILENT_REPLICAS).withUndos(1));
    }

    static Set<ModelScope> larger() {
        return FULL
                ? Set.of(
                        ModelScope.of(1, 2, Liberties.CHURN),
                        ModelScope.of(1, 2, SLOW),
                        ModelScope.of(2, 1, Liberties.CHURN),
                        ModelScope.of(2, 1, CONNECTIONS),
                        ModelScope.of(1, 1, Liberties.CHURN).withTimes(new Times(2, 1, 1, 2, 3, 2)))
                : Set.of(ModelScope.of(1, 1, SLOW));
    }

    @ParameterizedTest
    @MethodSource({"small", "larger"})
    void inEveryWorldAllInvariantsHoldAndTheEndIsReached(ModelScope scope) {
        ModelSearch.Result all = search(scope, new Guards());

        assertThat(all.broken()).isEmpty();
        assertThat(all.complete()).as("all of %s worlds", all.worlds()).isTrue();
        assertThat(all.phases()).isEqualTo(WITHOUT_CANARIES);
        assertThat(all.ends())
                .as("the new one signs, and nothing rotates any more")
                .contains(
                        STRAIGHT + (scope.subject() == Change.Subject.ROOT ? "root-2" : "root-1"));
    }

    @Test
    void inEveryWorldWithCanariesAllInvariantsHold() {
        ModelSearch.Result all =
                new ModelSearch(new RotationPlanner())
                        .exhaustively(
                                ModelWorld.first(ModelScope.of(2, 1, CONNECTIONS).withCanary()),
                                FULL ? MOST_WORLDS : 40_000);

        assertThat(all.broken()).isEmpty();
        assertThat(all.phases()).contains(Phase.CANARY, Phase.ACTIVE);
    }

    @Test
    void onLongWaysOfManyAgentsAllInvariantsHoldAndTheEndIsReached() {
        ModelScope scope =
                new ModelScope(
                        5,
                        3,
                        new Times(2, 2, 1, 2, 3, 4),
                        ALL,
                        true,
                        2,
                        Change.Subject.ROOT,
                        Fault.NONE);
        ModelSearch search = new ModelSearch(new RotationPlanner());
        ModelSearch.Result walked =
                LongStream.range(0, WALKS)
                        .mapToObj(seed ->
                                search.walk(
                                        ModelWorld.first(
                                                seed % 2 == 0 ? scope : scope.withUndos(0)),
                                        new Random(seed),
                                        WALK_STEPS))
                        .peek(walk -> assertThat(walk.broken()).isEmpty())
                        .reduce((one, other) -> other)
                        .orElseThrow();

        assertThat(walked.phases()).isEqualTo(EnumSet.allOf(Phase.class));
        assertThat(walked.ends())
                .contains(WITH_CANARIES + "root-2")
                .anyMatch(end -> end.endsWith("root-1"));
    }

    private static ModelSearch.Result search(ModelScope scope, Guards guards) {
        return new ModelSearch(new RotationPlanner(guards))
                .exhaustively(ModelWorld.first(scope), MOST_WORLDS);
    }
}
