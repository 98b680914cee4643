package dev.countersign.server.authority.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a rotation would do, phase by phase, and what stands in its way already.
 *
 * @param steps in their order
 * @param blockers what would refuse if it were that far now
 */
public record Outline(List<Step> steps, List<Blocker> blockers) {
    /**
     * One phase.
     *
     * @param effect what is trusted and who signs
     * @param leavesWhen what must be seen
     * @param undo how to go back
     * @param ends at the earliest
     */
    public record Step(Phase phase, String effect, String leavesWhen, String undo, Instant ends) {}

    public Outline {
        steps = List.copyOf(steps);
        blockers = List.copyOf(blockers);
    }

    /** Of a rotation of the signing root, or of the key of bundles. */
    public static Outline of(
            RotationState state, Change.Subject subject, RotationPlan plan, Observations seen) {
        return new Outline(
                subject == Change.Subject.ROOT ? roots(state, plan, seen) : keys(plan, seen.now()),
                blockers(state, subject, plan, seen));
    }

    private static List<Step> roots(RotationState state, RotationPlan plan, Observations seen) {
        Instant now = seen.now();
        Duration longest =
                seen.leavesUnder(state.signing())
                        .map(live -> Duration.between(now, live.lastNotAfter()))
                        .filter(Duration::isPositive)
                        .orElse(Duration.ZERO);
        List<Step> steps = new ArrayList<>();
        steps.add(
                new Step(
                        Phase.PREPARED,
                        "trusted A · signs A · makes B: new key, new name, cross-signed by A",
                        "B is made, and shares neither key nor name with any root before it",
                        "deletes B",
                        now));
        Instant at = now.plus(longer(plan.dwell(), plan.fence()));
        steps.add(
                new Step(
                        Phase.DISTRIBUTING,
                        "trusted A, B · signs A",
                        "every live verifier has loaded both, and "
                                + Spoken.time(plan.dwell())
                                + " have passed",
                        "publishes A alone again",
                        at));
        if (plan.canary().isPresent()) {
            at = at.plus(longer(plan.canaryWindow(), plan.fence()));
            steps.add(
                    new Step(
                            Phase.CANARY,
                            "trusted A, B · signs A, and B for " + plan.canary().get(),
                            "no handshake failed in either direction for "
                                    + Spoken.time(plan.canaryWindow()),
                            "canaries get certificates of A again",
                            at));
        }
        at = at.plus(plan.fence());
        steps.add(
                new Step(
                        Phase.ACTIVE,
                        "trusted A, B · signs B",
                        "every replica signs by B, or has fenced itself",
                        "back to A",
                        at));
        at = at.plus(longest).plus(plan.skew());
        steps.add(
                new Step(
                        Phase.DRAINING,
                        "trusted A, B · signs B · agents renew, "
                                + plan.renewalsPerSecond()
                                + " a second",
                        "no leaf under A lives, and no connection is open whose peer A vouched for"
                                + plan.connectionDeadline()
                                        .map(limit -> ", or " + Spoken.time(limit) + " passed")
                                        .orElse(""),
                        "back to A",
                        at));
        at = at.plus(longer(longest, plan.fence()));
        steps.add(
                new Step(
                        Phase.RETIRING,
                        "trusted B · signs B",
                        "nobody missed A for the longest life it had given",
                        "publishes A, B again",
                        at));
        steps.add(
                new Step(
                        Phase.STABLE,
                        "trusted B · signs B",
                        "",
                        "none; the key of A is kept until you destroy it",
                        at));
        return steps;
    }

    private static List<Step> keys(RotationPlan plan, Instant now) {
        Instant announced = now.plus(longer(plan.dwell(), plan.fence()));
        Instant active = announced.plus(plan.fence());
        Instant draining = active.plus(plan.fence());
        Instant retired = draining.plus(plan.fence());
        return List.of(
                new Step(Phase.PREPARED, "makes a new key", "it is made", "deletes it", now),
                new Step(
                        Phase.DISTRIBUTING,
                        "the old key signs, and announces the new one",
                        "every live verifier has loaded that",
                        "takes the announcement back",
                        announced),
                new Step(
                        Phase.ACTIVE,
                        "the new key signs, both count",
                        "every live verifier has loaded a bundle that it signed",
                        "the old key signs again",
                        active),
                new Step(
                        Phase.DRAINING,
                        "the new key signs, both count",
                        "every replica signs with it",
                        "the old key signs again",
                        draining),
                new Step(
                        Phase.RETIRING,
                        "the new key signs and counts alone",
                        "every live verifier has loaded that",
                        "both count again",
                        retired),
                new Step(Phase.STABLE, "the new key alone", "", "none", retired));
    }

    private static List<Blocker> blockers(
            RotationState state, Change.Subject subject, RotationPlan plan, Observations seen) {
        List<Blocker> blockers = new ArrayList<>();
        for (Verifier verifier : seen.verifiers()) {
            boolean lives =
                    verifier.connected() || seen.now().isBefore(verifier.until().plus(plan.skew()));
            if (lives && (verifier.epoch() < state.trustedSince() || !verifier.connected())) {
                blockers.add(
                        Blocker.of(
                                Blocker.Code.VERIFIER_NOT_LOADED,
                                verifier.name(),
                                loaded(verifier)));
            } else if (verifier.connected()
                    && subject == Change.Subject.ROOT
                    && verifier.usage().isEmpty()) {
                blockers.add(
                        Blocker.of(
                                Blocker.Code.SHADOW_NO_DATA,
                                verifier.name(),
                                "has not said which roots it needs"));
            }
        }
        Instant end =
                RotationPlanner.earliestEnd(plan, seen.leavesUnder(state.signing()), seen.now());
        if (subject == Change.Subject.ROOT && state.signing().notAfter().isBefore(end)) {
            blockers.add(
                    Blocker.of(
                            Blocker.Code.OLD_ROOT_ENDS_TOO_EARLY,
                            state.signing().keyId(),
                            "ends "
                                    + state.signing().notAfter()
                                    + " (expected: after "
                                    + end
                                    + "; distrust it instead)"));
        }
        return blockers;
    }

    private static String loaded(Verifier verifier) {
        Optional<String> problem = Optional.of(verifier.problem()).filter(text -> !text.isEmpty());
        return (verifier.connected()
                        ? ""
                        : "not connected, its certificate ends " + verifier.until() + ", ")
                + "epoch "
                + verifier.epoch()
                + problem.map(text -> ", \"" + text + "\"").orElse("");
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
