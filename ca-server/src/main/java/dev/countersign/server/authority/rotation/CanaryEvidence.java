package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.Blocker.Code;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether canaries and the rest got on with each other, in both directions: others believed the
 * canaries by the new root, canaries believed others by the old one, nobody met a peer that no root
 * vouches for. No data is not success.
 */
final class CanaryEvidence {
    private CanaryEvidence() {}

    /** Whether there are canaries, and every one that lives has a certificate of the new root. */
    static boolean allReissued(Canary state, List<Verifier> verifiers, Instant now) {
        String root = state.roots().orElseThrow().to().keyId();
        List<Verifier> canaries = canaries(state, live(state, verifiers, now));
        return !canaries.isEmpty()
                && canaries.stream().allMatch(one -> one.leafRootKeyId().equals(root));
    }

    private static List<Verifier> live(Canary state, List<Verifier> verifiers, Instant now) {
        return verifiers.stream()
                .filter(verifier -> Guards.isWaitedFor(verifier, state, now))
                .toList();
    }

    private static List<Verifier> canaries(Canary state, List<Verifier> live) {
        CanarySelector selector = selector(state);
        return live.stream()
                .filter(one -> selector.matches(one.namespace(), one.labels()))
                .toList();
    }

    private static CanarySelector selector(Canary state) {
        return state.canaries()
                .orElseThrow(
                        () -> new IllegalStateException("canary: no selector (expected: one)"));
    }

    static List<Blocker> blockers(Canary state, Observations seen) {
        Change.OfRoot change =
                state.roots()
                        .orElseThrow(() ->
                                new IllegalStateException("canary: of a key (expected: a root)"));
        CanarySelector selector = selector(state);
        Instant since = state.since().at();
        List<Verifier> live = live(state, seen.verifiers(), seen.now());
        List<Verifier> canaries = canaries(state, live);
        List<Blocker> blockers = new ArrayList<>();
        canaries.stream()
                .filter(one -> !one.leafRootKeyId().equals(change.to().keyId()))
                .map(one ->
                        Blocker.of(
                                Code.CANARY_NOT_REISSUED,
                                one.name(),
                                "is a canary and has no certificate of the new root yet"))
                .forEach(blockers::add);
        live.stream()
                .filter(one -> one.usage().filter(use -> use.metUntrustedAfter(since)).isPresent())
                .map(one ->
                        Blocker.of(
                                Code.CANARY_FAILURES,
                                one.name(),
                                "met a peer that no root of the bundle vouches for"
                                        + " (expected: none since "
                                        + since
                                        + ")"))
                .forEach(blockers::add);
        if (live.stream().noneMatch(one -> needed(one, since, change.to()))) {
            blockers.add(noData(selector, "nobody has believed a canary by the new root"));
        }
        if (canaries.stream().noneMatch(one -> needed(one, since, change.from()))) {
            blockers.add(noData(selector, "no canary has believed a peer by the old root"));
        }
        return blockers;
    }

    private static boolean needed(Verifier verifier, Instant since, KnownRoot root) {
        return verifier.usage().filter(usage -> usage.neededAfter(since, root.keyId())).isPresent();
    }

    private static Blocker noData(CanarySelector selector, String what) {
        return Blocker.of(
                Code.CANARY_NO_DATA,
                selector.toString(),
                what + " yet (expected: handshakes in both directions; no data is not success)");
    }
}
