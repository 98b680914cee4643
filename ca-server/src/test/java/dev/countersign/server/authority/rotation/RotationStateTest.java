package dev.countersign.server.authority.rotation;

import static dev.countersign.server.authority.rotation.Roots.A;
import static dev.countersign.server.authority.rotation.Roots.B;
import static dev.countersign.server.authority.rotation.Roots.C;
import static dev.countersign.server.authority.rotation.Roots.PLAN;
import static dev.countersign.server.authority.rotation.Roots.mark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RotationStateTest {
    @Test
    void eachPhaseTrustsAndSignsAsTheTableSays() {
        assertThat(Roots.stable().trusted()).containsExactly(A);
        assertThat(Roots.prepared(PLAN).trusted()).containsExactly(A);
        assertThat(Roots.distributing(PLAN).trusted()).containsExactly(A, B);
        assertThat(Roots.distributing(PLAN).signers()).containsExactly(A);
        RotationState.Canary canary =
                Roots.distributing(PLAN.withCanary(Roots.WEB)).canary(mark(5));
        assertThat(canary.signing()).isEqualTo(A);
        assertThat(canary.signers()).containsExactlyInAnyOrder(A, B);
        assertThat(Roots.active().signing()).isEqualTo(B);
        assertThat(Roots.draining(PLAN).trusted()).containsExactly(A, B);
        assertThat(Roots.draining(PLAN).signers()).containsExactly(B);
        assertThat(Roots.retiring().trusted()).containsExactly(B);
        RotationState.Stable end = Roots.retiring().finish(mark(8));
        assertThat(end.trusted()).containsExactly(B);
        assertThat(end.holdings().past()).extracting(PastRoot::keyId).containsExactly(A.keyId());
    }

    @Test
    void whoKnowsTheOldRootAloneIsShownTheWayUntilItIsRetired() {
        assertThat(Roots.active().cross(B)).isPresent();
        assertThat(Roots.active().cross(A)).isEmpty();
        assertThat(Roots.retiring().cross(B)).isEmpty();
    }

    @Test
    void trustCountsFromTheEpochThatChangedIt() {
        assertThat(Roots.prepared(PLAN).trustedSince()).isEqualTo(1);
        assertThat(Roots.distributing(PLAN).trustedSince()).isEqualTo(4);
        assertThat(Roots.draining(PLAN).trustedSince()).isEqualTo(4);
        assertThat(Roots.retiring().trustedSince()).isEqualTo(7);
        assertThat(Roots.retiring().undo(mark(8)).trustedSince()).isEqualTo(8);
        assertThat(Roots.distributing(PLAN).undo(mark(5)).trustedSince()).isEqualTo(5);
    }

    @Test
    void aStandbyNeedsNoDistribution() {
        RotationState.Stable withStandby = Roots.stable().standBy(B, mark(2));
        RotationState.Distributing distributing =
                withStandby
                        .prepare(
                                Rotation.begin("r", Roots.NOW, "me", PLAN),
                                Change.Subject.ROOT,
                                B.keyName(),
                                mark(3))
                        .made(Roots.change(), mark(4))
                        .distribute(mark(5));

        assertThat(distributing.trusted()).containsExactly(A, B);
        assertThat(distributing.trustedSince()).isEqualTo(2);
        assertThat(distributing.undo(mark(6)).trusted()).containsExactly(A, B);
        assertThat(distributing.activate(mark(6)).undo(mark(7)).trusted()).containsExactly(A, B);
    }

    @Test
    void goingBackIsARotationTheOtherWay() {
        RotationState.Active back = Roots.draining(PLAN).undo(mark(7));

        assertThat(back.signing()).isEqualTo(A);
        assertThat(back.trusted()).containsExactly(A, B);
        assertThat(back.course().rotation().back()).isTrue();
        RotationState.Stable end =
                back.drain(Duration.ZERO, mark(8)).retire(mark(9)).finish(mark(10));
        assertThat(end.trusted()).containsExactly(A);
        assertThat(end.signing()).isEqualTo(A);
        assertThat(end.holdings().past()).extracting(PastRoot::keyId).containsExactly(B.keyId());
    }

    @Test
    void aRootThatWasThrownAwayIsRemembered() {
        assertThat(Roots.distributing(PLAN).undo(mark(5)).holdings().past())
                .extracting(PastRoot::keyId)
                .containsExactly(B.keyId());
        assertThat(Roots.prepared(PLAN).undo(mark(5)).holdings().past()).hasSize(1);
    }

    @Test
    void distrustTakesARootOutAtOnceAndTheOtherSigns() {
        RotationState.Stable withoutA = Roots.distributing(PLAN).distrust(A.keyId(), mark(5));
        assertThat(withoutA.trusted()).containsExactly(B);
        assertThat(withoutA.signing()).isEqualTo(B);
        assertThat(withoutA.trustedSince()).isEqualTo(5);
        assertThat(withoutA.holdings().past())
                .singleElement()
                .matches(past -> past.distrusted() && past.keyId().equals(A.keyId()));

        assertThat(Roots.active().distrust(B.keyId(), mark(6)).trusted()).containsExactly(A);
        assertThat(Roots.stable().standBy(C, mark(2)).distrust(A.keyId(), mark(3)).signing())
                .isEqualTo(C);
        assertThat(Roots.stable().standBy(C, mark(2)).distrust(C.keyId(), mark(3)).trusted())
                .containsExactly(A);
    }

    @Test
    void distrustNeedsARootToTakeItsPlace() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Roots.stable().distrust(A.keyId(), mark(2)))
                .withMessageContaining("(expected: one that can take its place)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Roots.active().distrust("00", mark(2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Roots.stable().distrust("00", mark(2)));
    }

    @Test
    void theStandbyStaysInEveryPhaseOfARotationThatIsNotAboutIt() {
        RotationState.Stable withStandby = Roots.stable().standBy(C, mark(2));
        RotationState.Retiring retiring =
                withStandby
                        .prepare(
                                Rotation.begin("r", Roots.NOW, "me", PLAN),
                                Change.Subject.ROOT,
                                B.keyName(),
                                mark(3))
                        .made(Roots.change(), mark(4))
                        .distribute(mark(5))
                        .activate(mark(6))
                        .drain(Duration.ZERO, mark(7))
                        .retire(mark(8));

        assertThat(retiring.trusted()).containsExactlyInAnyOrder(B, C);
        assertThat(retiring.finish(mark(9)).trusted()).containsExactlyInAnyOrder(B, C);
    }
}
