package dev.countersign.server.authority.rotation;

import static dev.countersign.server.authority.rotation.Roots.A;
import static dev.countersign.server.authority.rotation.Roots.B;
import static dev.countersign.server.authority.rotation.Roots.NOW;
import static dev.countersign.server.authority.rotation.Roots.PLAN;
import static dev.countersign.server.authority.rotation.Roots.agent;
import static dev.countersign.server.authority.rotation.Roots.gone;
import static dev.countersign.server.authority.rotation.Roots.mark;
import static dev.countersign.server.authority.rotation.Roots.seen;
import static dev.countersign.server.authority.rotation.Roots.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.server.authority.rotation.Blocker.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RotationPlannerTest {
    private static final Duration LATER = Duration.ofMinutes(11);

    private final RotationPlanner planner = new RotationPlanner();

    @Test
    void nothingRotatesByItself() {
        assertThat(planner.next(Roots.stable(), seen(LATER))).isEqualTo(new Decision.Idle());
        assertThatIllegalStateException()
                .isThrownBy(() -> planner.undo(Roots.stable(), seen(LATER)))
                .withMessageContaining("nothing rotates");
    }

    @Test
    void whatIsBegunIsMade() {
        RotationState preparing =
                Roots.stable()
                        .prepare(
                                Rotation.begin("r", NOW, "me", PLAN),
                                Change.Subject.ROOT,
                                "root-2",
                                mark(2));

        assertThat(planner.next(preparing, seen(LATER))).isEqualTo(new Decision.Go(Move.MAKE));
    }

    @Test
    void aGoodSuccessorIsDistributed() {
        assertThat(planner.next(Roots.prepared(PLAN), seen(Duration.ZERO)))
                .isEqualTo(new Decision.Go(Move.DISTRIBUTE));
    }

    @Test
    void aSuccessorWithAKnownKeyIsRefused() {
        KnownRoot sameKey =
                Roots.root(
                        "root-2",
                        Roots.MAKER
                                .newRoot()
                                .subject("CN=another")
                                .keyPair(Roots.keysOf(Roots.MAKER.root()))
                                .build());

        assertThat(codes(Roots.prepared(PLAN, to(sameKey)), Duration.ZERO))
                .containsExactly(Code.ROOT_SHARES_KEY);
    }

    @Test
    void aSuccessorWithAKnownSubjectIsRefused() {
        KnownRoot sameName =
                Roots.root(
                        "root-2",
                        Roots.MAKER
                                .newRoot()
                                .subject(A.certificate().getSubjectX500Principal().getName())
                                .build());

        assertThat(codes(Roots.prepared(PLAN, to(sameName)), Duration.ZERO))
                .containsExactly(Code.ROOT_SHARES_SUBJECT);
    }

    @Test
    void aRootThatWasInForceOnceIsNotTakenAgain() {
        RotationState.Stable afterwards = Roots.retiring().finish(mark(8));
        RotationState again =
                afterwards
                        .prepare(
                                Rotation.begin("r2", NOW, "me", PLAN),
                                Change.Subject.ROOT,
                                "root-1",
                                mark(9))
                        .made(new Change.OfRoot(B, A, Optional.empty()), mark(10));

        assertThat(codes(again, Duration.ZERO))
                .containsExactly(Code.ROOT_SHARES_KEY, Code.ROOT_SHARES_SUBJECT);
    }

    @Test
    void aSuccessorThatEndsSoonIsRefused() {
        KnownRoot brief =
                Roots.root("root-2", Roots.MAKER.newRoot().life(Duration.ofDays(29)).build());

        assertThat(codes(Roots.prepared(PLAN, to(brief)), Duration.ZERO))
                .containsExactly(Code.ROOT_LIFE_TOO_SHORT);
    }

    @Test
    void anOldRootThatEndsBeforeThePlanDoesIsRefused() {
        KnownRoot ending =
                Roots.root("root-1", Roots.MAKER.newRoot().life(Duration.ofHours(2)).build());
        RotationState state =
                new RotationState.Stable(Holdings.of(ending, Roots.K1), mark(1), 1)
                        .prepare(
                                Rotation.begin("r", NOW, "me", PLAN),
                                Change.Subject.ROOT,
                                "root-2",
                                mark(2))
                        .made(new Change.OfRoot(ending, B, Optional.empty()), mark(3));
        Map<String, LiveLeaves> leaves =
                Map.of(ending.keyId(), new LiveLeaves(3, NOW.plusSeconds(3600), "web"));

        assertThat(blockers(state, seen(Duration.ZERO, leaves)))
                .extracting(Blocker::code)
                .containsExactly(Code.OLD_ROOT_ENDS_TOO_EARLY);
    }

    @Test
    void verifiersThatHaveNotLoadedAreNamedWithWhatTheySay() {
        Verifier full =
                new Verifier(
                        "shop/cart-7f9c",
                        "i",
                        "n14",
                        "shop",
                        Map.of(),
                        true,
                        NOW,
                        NOW.plusSeconds(60),
                        3,
                        "file system full: /var/run/countersign",
                        "",
                        "",
                        Optional.empty());

        List<Blocker> blockers =
                blockers(
                        Roots.distributing(PLAN),
                        seen(LATER, agent("shop/web", 4), full, agent("batch/report", 0)));

        assertThat(blockers)
                .extracting(Blocker::code, Blocker::who)
                .containsExactly(
                        tuple(Code.VERIFIER_NOT_LOADED, "shop/cart-7f9c"),
                        tuple(Code.VERIFIER_NOT_LOADED, "batch/report"));
        assertThat(blockers.getFirst().detail())
                .isEqualTo(
                        "epoch 3, \"file system full: /var/run/countersign\""
                                + " (expected: epoch 4 loaded)");
        assertThat(blockers.getLast().detail()).startsWith("has said nothing yet");
    }

    @Test
    void aSilentVerifierCountsAsLongAsItsCertificateLives() {
        Verifier silent = gone(agent("shop/web", 3), NOW.plus(Duration.ofMinutes(7)));

        assertThat(codes(Roots.distributing(PLAN), LATER, silent))
                .containsExactly(Code.VERIFIER_NOT_LOADED);
        assertThat(planner.next(Roots.distributing(PLAN), seen(Duration.ofMinutes(12), silent)))
                .isEqualTo(new Decision.Go(Move.ACTIVATE));
    }

    @Test
    void whoIsLeftOutIsNotWaitedFor() {
        RotationState.Distributing state = Roots.distributing(PLAN);
        RotationState.Distributing without =
                state.with(
                        state.course()
                                .rotation()
                                .excluding(new Exclusion("shop/web", "broken", "me", NOW)));

        assertThat(planner.next(without, seen(LATER, agent("shop/web", 1))))
                .isEqualTo(new Decision.Go(Move.ACTIVATE));
    }

    @Test
    void bothAreTrustedForTheDwellTime() {
        Decision early =
                planner.next(
                        Roots.distributing(PLAN),
                        seen(Duration.ofMinutes(9), agent("shop/web", 4)));

        assertThat(early)
                .isInstanceOfSatisfying(
                        Decision.Blocked.class,
                        blocked -> {
                            assertThat(blocked.isWait()).isTrue();
                            assertThat(blocked.until()).contains(NOW.plus(Duration.ofMinutes(10)));
                        });
    }

    @Test
    void aReplicaThatIsBehindIsWaitedForUntilItHasFencedItself() {
        Replica behind = new Replica("r-2", Duration.ofSeconds(3), 3);
        Observations soon = new Observations(NOW.plus(LATER), List.of(), List.of(behind), Map.of());
        Observations later =
                new Observations(
                        NOW.plus(LATER),
                        List.of(),
                        List.of(new Replica("r-2", Duration.ofSeconds(16), 3)),
                        Map.of());

        for (RotationState state :
                List.of(Roots.distributing(PLAN), Roots.active(), Roots.draining(PLAN))) {
            assertThat(blockers(state, soon))
                    .as(state.phase().name())
                    .extracting(Blocker::code)
                    .containsExactly(Code.REPLICA_NOT_LOADED);
            assertThat(planner.next(state, later))
                    .as(state.phase().name())
                    .isInstanceOf(Decision.Go.class);
        }
    }

    @Test
    void everyPhaseLastsUntilUnknownReplicasHaveFencedThemselves() {
        assertThat(codes(Roots.active(), Duration.ofSeconds(14))).containsExactly(Code.FENCE);
        assertThat(planner.next(Roots.active(), seen(Duration.ofSeconds(15))))
                .isEqualTo(new Decision.Go(Move.DRAIN));
    }

    @Test
    void canariesNeedCertificatesAndDataInBothDirections() {
        RotationState.Canary state = Roots.distributing(PLAN.withCanary(Roots.WEB)).canary(mark(5));
        Verifier canary = agent("web/a", 4);
        Verifier other = agent("shop/b", 4);

        assertThat(codes(state, LATER, canary, other))
                .containsExactly(
                        Code.CANARY_NOT_REISSUED, Code.CANARY_NO_DATA, Code.CANARY_NO_DATA);
        assertThat(codes(state, LATER, under(canary, B, uses(A)), other))
                .containsExactly(Code.CANARY_NO_DATA);
        assertThat(codes(state, LATER, under(canary, B, uses()), under(other, A, uses(B))))
                .containsExactly(Code.CANARY_NO_DATA);
        assertThat(
                        planner.next(
                                state,
                                seen(LATER, under(canary, B, uses(A)), under(other, A, uses(B)))))
                .isEqualTo(new Decision.Go(Move.ACTIVATE));
        assertThat(
                        codes(
                                state,
                                Duration.ofMinutes(4),
                                under(canary, B, uses(A)),
                                under(other, A, uses(B))))
                .containsExactly(Code.CANARY_WINDOW);
    }

    @Test
    void theWindowOfCanariesCountsFromTheLastOneThatHasACertificateOfTheNewRoot() {
        RotationState.Canary state = Roots.distributing(PLAN.withCanary(Roots.WEB)).canary(mark(5));
        Verifier other = under(agent("shop/b", 4), A, uses(B));
        List<Verifier> early = List.of(agent("web/a", 4), other);
        List<Verifier> loaded = List.of(under(agent("web/a", 4), B, uses(A)), other);
        CanaryWatch watch = new CanaryWatch();
        Instant late = NOW.plus(LATER);

        assertThat(watch.since(state, early, NOW)).isEmpty();
        assertThat(watch.since(state, List.of(other), NOW)).as("no canary at all").isEmpty();
        assertThat(watch.since(state, loaded, late)).contains(late);
        assertThat(watch.since(state, loaded, late.plusSeconds(1))).contains(late);
        Observations seen =
                new Observations(
                        late.plusSeconds(1), loaded, List.of(), Map.of(), Optional.of(late));
        assertThat(blockers(state, seen))
                .extracting(Blocker::code)
                .containsExactly(Code.CANARY_WINDOW);
        assertThat(watch.since(state, early, late.plusSeconds(2))).as("one more came").isEmpty();
        assertThat(watch.since(state, loaded, late.plusSeconds(3))).contains(late.plusSeconds(3));
    }

    @Test
    void oneFailureOfACanaryStopsIt() {
        RotationState.Canary state = Roots.distributing(PLAN.withCanary(Roots.WEB)).canary(mark(5));
        Verifier.Usage failed =
                new Verifier.Usage(NOW, uses(B).uses(), Optional.of(NOW.plusSeconds(30)));

        assertThat(
                        codes(
                                state,
                                LATER,
                                under(agent("web/a", 4), B, uses(A)),
                                under(agent("shop/b", 4), A, failed)))
                .containsExactly(Code.CANARY_FAILURES);
    }

    @Test
    void theOldRootStaysWhileALeafUnderItLives() {
        Instant end = NOW.plus(Duration.ofMinutes(20));
        Map<String, LiveLeaves> leaves = Map.of(A.keyId(), new LiveLeaves(2, end, "shop/web"));

        List<Blocker> blockers =
                blockers(Roots.draining(PLAN), seen(LATER, leaves, agent("shop/web", 6)));

        assertThat(blockers).extracting(Blocker::code).containsExactly(Code.LEAVES_LIVE);
        assertThat(blockers.getFirst().until()).contains(end.plus(PLAN.skew()));
        assertThat(blockers.getFirst().who()).isEqualTo("shop/web");
    }

    @Test
    void openConnectionsUnderTheOldRootAreNamedUntilTheDeadline() {
        Verifier holder = with(agent("shop/web", 6), B.keyId(), A.keyId(), Optional.empty());
        RotationPlan deadline = PLAN.withConnectionDeadline(Duration.ofMinutes(30));

        assertThat(codes(Roots.draining(PLAN), Duration.ofHours(9), holder))
                .containsExactly(Code.CONNECTION_OPEN);
        assertThat(codes(Roots.draining(deadline), Duration.ofMinutes(29), holder))
                .containsExactly(Code.CONNECTION_OPEN);
        assertThat(planner.next(Roots.draining(deadline), seen(Duration.ofMinutes(30), holder)))
                .isEqualTo(new Decision.Go(Move.RETIRE));
    }

    @Test
    void aConnectionThatOnlyTheCountKnowsHoldsUpToo() {
        Verifier.Usage open =
                new Verifier.Usage(
                        NOW,
                        List.of(new Verifier.Use(A.keyId(), Optional.of(NOW), 3)),
                        Optional.empty());

        assertThat(
                        codes(
                                Roots.draining(PLAN),
                                LATER,
                                with(agent("shop/web", 6), B.keyId(), "", Optional.of(open))))
                .containsExactly(Code.CONNECTION_OPEN);
    }

    @Test
    void theOldRootIsForgottenAfterNobodyMissedItForTheLongestLife() {
        Verifier content = under(agent("shop/web", 7), B, uses(B));

        assertThat(codes(Roots.retiring(), Duration.ofMinutes(59), content))
                .containsExactly(Code.SHADOW_WINDOW);
        assertThat(planner.next(Roots.retiring(), seen(Duration.ofMinutes(60), content)))
                .isEqualTo(new Decision.Go(Move.FINISH));
    }

    @Test
    void whoMissesTheOldRootOrDoesNotCountIsNamed() {
        Verifier.Usage hit = new Verifier.Usage(NOW, List.of(), Optional.of(NOW.plusSeconds(5)));
        Duration after = Duration.ofMinutes(61);

        assertThat(codes(Roots.retiring(), after, under(agent("shop/web", 7), B, hit)))
                .containsExactly(Code.SHADOW_HIT);
        assertThat(
                        codes(
                                Roots.retiring(),
                                after,
                                with(agent("shop/web", 7), B.keyId(), "", Optional.empty())))
                .containsExactly(Code.SHADOW_NO_DATA);
    }

    @Test
    void distributionIsUndoneOnlyWhileTheNewRootHasSignedNothing() {
        Map<String, LiveLeaves> leaves =
                Map.of(B.keyId(), new LiveLeaves(1, NOW.plusSeconds(9), "web"));

        assertThat(planner.undo(Roots.distributing(PLAN), seen(LATER))).isEmpty();
        assertThat(planner.undo(Roots.distributing(PLAN), seen(LATER, leaves)))
                .extracting(Blocker::code)
                .containsExactly(Code.NEW_LEAVES_LIVE);
    }

    @Test
    void goingBackWaitsUntilTheUnknownTrustTheOldRootAgain() {
        RotationState.Draining again = Roots.retiring().undo(mark(8));

        assertThat(planner.undo(again, seen(Duration.ofMinutes(9))))
                .extracting(Blocker::code)
                .containsExactly(Code.DWELL);
        assertThat(planner.undo(again, seen(Duration.ofMinutes(10)))).isEmpty();
        assertThat(planner.undo(Roots.draining(PLAN), seen(Duration.ZERO))).isEmpty();
    }

    @Test
    void goingBackWaitsForThoseWhoDoNotTrustTheOldRootAgain() {
        RotationState.Draining again = Roots.retiring().undo(mark(8));

        assertThat(planner.undo(again, seen(LATER, agent("shop/web", 7))))
                .extracting(Blocker::code)
                .containsExactly(Code.VERIFIER_NOT_LOADED);
        assertThat(planner.undo(again, seen(LATER, agent("shop/web", 8)))).isEmpty();
    }

    @Test
    void whatTheAuditorStoppedStays() {
        RotationState.Active active = Roots.active();
        RotationState stopped =
                active.with(active.course().rotation().stopped("R1: root b is not trusted by x"));

        assertThat(codes(stopped, LATER)).containsExactly(Code.STOPPED);
    }

    @Test
    void anEmergencyWaitsForNobody() {
        assertThat(
                        planner.next(
                                Roots.prepared(PLAN.asEmergency()),
                                seen(Duration.ZERO, agent("shop/web", 1))))
                .isEqualTo(new Decision.Go(Move.DISTRUST));
    }

    @Test
    void aKeyOfBundlesIsRotatedByTheSameMachineWithoutLeavesAndCanaries() {
        Change change = new Change.OfBundleKey(Roots.K1, Roots.K2);
        Map<String, LiveLeaves> leaves =
                Map.of(A.keyId(), new LiveLeaves(9, NOW.plusSeconds(9999), "web"));
        RotationState.Distributing announced =
                Roots.prepared(PLAN.withCanary(Roots.WEB), change).distribute(mark(4));
        RotationState.Active active = announced.activate(mark(5));

        assertThat(announced.bundleKeys().next()).contains(Roots.K2);
        assertThat(codes(announced, LATER, agent("shop/web", 3)))
                .containsExactly(Code.VERIFIER_NOT_LOADED);
        assertThat(planner.next(announced, seen(LATER, leaves, agent("shop/web", 4))))
                .isEqualTo(new Decision.Go(Move.ACTIVATE));
        assertThat(active.bundleKeys().signer()).isEqualTo(Roots.K2);
        assertThat(codes(active, LATER, agent("shop/web", 4)))
                .containsExactly(Code.VERIFIER_NOT_LOADED);
        assertThat(planner.next(active, seen(LATER, leaves, agent("shop/web", 5))))
                .isEqualTo(new Decision.Go(Move.DRAIN));
    }

    private List<Code> codes(RotationState state, Duration later, Verifier... verifiers) {
        return blockers(state, seen(later, verifiers)).stream().map(Blocker::code).toList();
    }

    private List<Blocker> blockers(RotationState state, Observations seen) {
        return switch (planner.next(state, seen)) {
            case Decision.Blocked blocked -> blocked.blockers();
            case Decision.Go go -> throw new AssertionError("would go: " + go.move());
            case Decision.Idle idle -> throw new AssertionError("idle");
        };
    }

    private static Change.OfRoot to(KnownRoot root) {
        return new Change.OfRoot(A, root, Optional.empty());
    }

    private static Verifier under(Verifier verifier, KnownRoot leaf, Verifier.Usage usage) {
        return with(verifier, leaf.keyId(), "", Optional.of(usage));
    }

    private static Verifier.Usage uses(KnownRoot... roots) {
        return new Verifier.Usage(
                NOW,
                Arrays.stream(roots)
                        .map(root ->
                                new Verifier.Use(root.keyId(), Optional.of(NOW.plusSeconds(60)), 0))
                        .toList(),
                Optional.empty());
    }
}
