package dev.countersign.server.authority.rotation;

import java.time.Instant;
import java.util.Optional;

/**
 * What must hold in every phase, looked at from what is observed and not from how it came about: the
 * {@link Auditor} asks before every move.
 */
public final class Invariants {
    private Invariants() {}

    /** The first that is broken, with names; empty when all hold. */
    public static Optional<String> broken(RotationState state, Observations seen) {
        if (!(state instanceof RotationState.Moving moving) || moving.roots().isEmpty()) {
            return Optional.empty();
        }
        return signersAreTrusted(moving, seen)
                .or(() -> rootsOfLiveLeavesAreTrusted(moving, seen))
                .or(() -> leavesHaveSigners(moving, seen));
    }

    /** R1: a verifier that has not loaded the trust of now may not know the new root. */
    private static Optional<String> signersAreTrusted(
            RotationState.Moving state, Observations seen) {
        KnownRoot from = state.roots().orElseThrow().from();
        boolean newSigns = state.signers().stream().anyMatch(root -> !root.equals(from));
        // What signs now was trusted before the old root left the bundle, and while it was out.
        if (!newSigns || isOutOrBack(state)) {
            return Optional.empty();
        }
        return seen.verifiers().stream()
                .filter(Verifier::connected)
                .filter(one -> !state.course().rotation().excludes(one.name()))
                .filter(one -> one.epoch() > 0 && one.epoch() < state.trustedSince())
                .map(one ->
                        "R1: "
                                + one.name()
                                + " has loaded epoch "
                                + one.epoch()
                                + " and may not trust who signs in "
                                + state.phase()
                                + " (expected: epoch "
                                + state.trustedSince()
                                + ")")
                .findFirst();
    }

    private static boolean isOutOrBack(RotationState.Moving state) {
        return state instanceof RotationState.Retiring
                || (state instanceof RotationState.Draining
                        && state.trustedSince() == state.since().epoch());
    }

    /** R2: once the old root is out of the bundle nothing that it stands above may live. */
    private static Optional<String> rootsOfLiveLeavesAreTrusted(
            RotationState.Moving state, Observations seen) {
        KnownRoot from = state.roots().orElseThrow().from();
        if (state.trusted().contains(from)) {
            return Optional.empty();
        }
        Instant now = seen.now();
        return seen.leavesUnder(from)
                .filter(live -> now.isBefore(live.lastNotAfter()))
                .map(live ->
                        "R2: "
                                + Spoken.count(live.count(), "leaf", "leaves")
                                + " under the root that left the bundle, the last ends "
                                + live.lastNotAfter()
                                + ", "
                                + live.lastHolder()
                                + " (expected: none)");
    }

    /** A leaf under a root that has not begun to sign was signed by somebody else. */
    private static Optional<String> leavesHaveSigners(
            RotationState.Moving state, Observations seen) {
        KnownRoot to = state.roots().orElseThrow().to();
        boolean early =
                (state instanceof RotationState.Prepared
                                || state instanceof RotationState.Distributing)
                        && !state.course().rotation().back();
        return early
                ? seen.leavesUnder(to)
                        .map(live ->
                                "R5: "
                                        + Spoken.count(live.count(), "leaf", "leaves")
                                        + " under root "
                                        + to.keyId()
                                        + ", which has not begun to sign, "
                                        + live.lastHolder()
                                        + " (expected: none)")
                : Optional.empty();
    }
}
