package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.rotation.Blocker.Code;
import dev.countersign.server.authority.rotation.RotationState.Canary;
import dev.countersign.server.authority.rotation.RotationState.Distributing;
import dev.countersign.server.authority.rotation.RotationState.Draining;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.RotationState.Prepared;
import dev.countersign.server.authority.rotation.RotationState.Retiring;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What must be seen before a move, one method a guard: each answers with those who stand in the way.
 * Tests take them away one by one to see that each is needed.
 */
class Guards {
    /** The successor is none that was known before, and lives long enough. */
    List<Blocker> successor(Prepared state, Observations seen) {
        List<Blocker> blockers = new ArrayList<>();
        state.roots()
                .ifPresent(change -> {
                    for (KnownRoot known : state.holdings().trusted()) {
                        if (!known.equals(change.to())) {
                            compare(change.to(), known, blockers);
                        }
                    }
                    for (PastRoot past : state.holdings().past()) {
                        compare(change.to(), past, blockers);
                    }
                    life(change.to(), state, seen, blockers);
                });
        return blockers;
    }

    /** The old root ends after the plan does. */
    List<Blocker> oldEnds(Prepared state, Observations seen) {
        return state.roots().stream()
                .filter(change ->
                        change.from()
                                .notAfter()
                                .isBefore(
                                        RotationPlanner.earliestEnd(
                                                plan(state),
                                                seen.leavesUnder(change.from()),
                                                seen.now())))
                .map(change ->
                        Blocker.of(
                                Code.OLD_ROOT_ENDS_TOO_EARLY,
                                change.from().keyId(),
                                "ends "
                                        + change.from().notAfter()
                                        + " (expected: after the rotation, "
                                        + RotationPlanner.earliestEnd(
                                                plan(state),
                                                seen.leavesUnder(change.from()),
                                                seen.now())
                                        + " at the earliest)"))
                .toList();
    }

    /** Every live verifier has loaded what is trusted now. */
    List<Blocker> loaded(Moving state, Observations seen) {
        return seen.verifiers().stream()
                .filter(verifier -> isWaitedFor(verifier, state, seen.now()))
                .filter(verifier -> verifier.epoch() < state.trustedSince())
                .map(verifier ->
                        Blocker.of(
                                Code.VERIFIER_NOT_LOADED,
                                verifier.name(),
                                notLoaded(verifier, state)))
                .toList();
    }

    /** Both have been trusted for a while: room for those that load late and are not known. */
    List<Blocker> dwell(Distributing state, Observations seen) {
        return until(
                Code.DWELL, "dwell time", state.since().at().plus(plan(state).dwell()), seen.now());
    }

    /** The same for a root that was out of the bundle and has come back with this phase. */
    List<Blocker> dwellAgain(Draining state, Observations seen) {
        return state.trustedSince() < state.since().epoch()
                ? List.of()
                : until(
                        Code.DWELL,
                        "dwell time",
                        state.since().at().plus(plan(state).dwell()),
                        seen.now());
    }

    /** Canaries had time to fail, since the last of them has a certificate of the new root. */
    List<Blocker> canaryWindow(Canary state, Observations seen) {
        return until(
                Code.CANARY_WINDOW,
                "canary window",
                seen.canariesSince().orElse(state.since().at()).plus(plan(state).canaryWindow()),
                seen.now());
    }

    /** Canaries have certificates of the new root, were believed and believed others, and none failed. */
    List<Blocker> canaries(Canary state, Observations seen) {
        return CanaryEvidence.blockers(state, seen);
    }

    /** Every replica acts by this phase, or has stopped to sign. */
    List<Blocker> replicas(Moving state, Observations seen) {
        Duration fence = plan(state).fence();
        List<Blocker> blockers = new ArrayList<>();
        for (Replica replica : seen.replicas()) {
            boolean behind = replica.epoch() < state.since().epoch();
            if (behind && replica.silent().compareTo(fence) <= 0) {
                blockers.add(
                        Blocker.until(
                                Code.REPLICA_NOT_LOADED,
                                replica.id(),
                                "epoch "
                                        + replica.epoch()
                                        + ", heard of "
                                        + Spoken.ago(replica.silent())
                                        + " (expected: epoch "
                                        + state.since().epoch()
                                        + ", or silent for "
                                        + Spoken.time(fence)
                                        + ")",
                                seen.now().plus(fence).minus(replica.silent())));
            }
        }
        blockers.addAll(
                until(
                        Code.FENCE,
                        "replicas that are not known",
                        state.since().at().plus(fence),
                        seen.now()));
        return blockers;
    }

    /** Nothing that the old root stands above lives. */
    List<Blocker> leaves(Moving state, Observations seen) {
        Duration skew = plan(state).skew();
        return state.roots().stream()
                .flatMap(change -> seen.leavesUnder(change.from()).stream())
                .map(live ->
                        Blocker.until(
                                Code.LEAVES_LIVE,
                                live.lastHolder(),
                                Spoken.count(live.count(), "live leaf", "live leaves")
                                        + " under the old root, the last ends "
                                        + live.lastNotAfter()
                                        + " (expected: none, "
                                        + Spoken.time(skew)
                                        + " for clocks included)",
                                live.lastNotAfter().plus(skew)))
                .toList();
    }

    /** No connection is open whose peer was believed by the old root; until the deadline. */
    List<Blocker> connections(Draining state, Observations seen) {
        Optional<Instant> deadline =
                plan(state).connectionDeadline().map(after -> state.since().at().plus(after));
        if (state.roots().isEmpty()
                || deadline.filter(at -> !seen.now().isBefore(at)).isPresent()) {
            return List.of();
        }
        String old = state.roots().get().from().keyId();
        return seen.verifiers().stream()
                .filter(Verifier::connected)
                .filter(verifier -> !state.course().rotation().excludes(verifier.name()))
                .filter(verifier -> holdsOpen(verifier, old))
                .map(verifier ->
                        new Blocker(
                                Code.CONNECTION_OPEN,
                                verifier.name(),
                                "holds a connection open whose peer was believed by the old"
                                        + " root (expected: none)",
                                deadline))
                .toList();
    }

    /** Since the old root left the bundle nobody missed it, for the longest life it had given. */
    List<Blocker> shadow(Retiring state, Observations seen) {
        if (state.roots().isEmpty()) {
            return List.of();
        }
        String old = state.roots().get().from().keyId();
        Instant since = state.since().at();
        List<Blocker> blockers =
                new ArrayList<>(
                        until(
                                Code.SHADOW_WINDOW,
                                "shadow verification",
                                since.plus(state.longestLife()),
                                seen.now()));
        seen.verifiers().stream()
                .filter(verifier -> isWaitedFor(verifier, state, seen.now()))
                .filter(verifier -> misses(verifier, old, since))
                .map(verifier ->
                        Blocker.of(
                                Code.SHADOW_HIT,
                                verifier.name(),
                                "met a peer that no root of the bundle vouches for"
                                        + " (expected: none since "
                                        + since
                                        + "; undo, or find out who that was)"))
                .forEach(blockers::add);
        seen.verifiers().stream()
                .filter(Verifier::connected)
                .filter(verifier -> !state.course().rotation().excludes(verifier.name()))
                .filter(verifier -> verifier.usage().isEmpty())
                .map(verifier ->
                        Blocker.of(
                                Code.SHADOW_NO_DATA,
                                verifier.name(),
                                "has not said which roots it needs (expected: counted; no"
                                        + " data is not zero)"))
                .forEach(blockers::add);
        return blockers;
    }

    /** The successor has signed no leaf that lives. */
    List<Blocker> noNewLeaves(Distributing state, Observations seen) {
        return state.roots().stream()
                .flatMap(change -> seen.leavesUnder(change.to()).stream())
                .map(live ->
                        Blocker.until(
                                Code.NEW_LEAVES_LIVE,
                                live.lastHolder(),
                                Spoken.count(live.count(), "live leaf", "live leaves")
                                        + " under the new root (expected: none)",
                                live.lastNotAfter()))
                .toList();
    }

    /** Whether it lives and nobody decided to go on without it. */
    static boolean isWaitedFor(Verifier verifier, Moving state, Instant now) {
        boolean lives =
                verifier.connected() || now.isBefore(verifier.until().plus(plan(state).skew()));
        return lives && !state.course().rotation().excludes(verifier.name());
    }

    static RotationPlan plan(Moving state) {
        return state.course().rotation().plan();
    }

    static List<Blocker> until(Code code, String what, Instant until, Instant now) {
        return now.isBefore(until)
                ? List.of(
                        Blocker.until(
                                code,
                                what,
                                Spoken.time(Duration.between(now, until)) + " to go",
                                until))
                : List.of();
    }

    private static boolean holdsOpen(Verifier verifier, String root) {
        return verifier.oldestConnectionRootKeyId().equals(root)
                || verifier.usage().filter(usage -> usage.holdsOpen(root)).isPresent();
    }

    private static boolean misses(Verifier verifier, String old, Instant since) {
        return verifier.usage()
                .filter(usage -> usage.neededAfter(since, old) || usage.metUntrustedAfter(since))
                .isPresent();
    }

    private static String notLoaded(Verifier verifier, Moving state) {
        return (verifier.epoch() == 0 ? "has said nothing yet" : "epoch " + verifier.epoch())
                + (verifier.problem().isEmpty() ? "" : ", \"" + verifier.problem() + "\"")
                + " (expected: epoch "
                + state.trustedSince()
                + " loaded)";
    }

    private static void compare(KnownRoot successor, KnownRoot known, List<Blocker> blockers) {
        if (successor.sharesKeyWith(known)) {
            blockers.add(sharesKey(successor, known.keyId()));
        }
        if (successor.subject().equals(known.subject())) {
            blockers.add(sharesSubject(successor, known.keyId()));
        }
    }

    private static void compare(KnownRoot successor, PastRoot past, List<Blocker> blockers) {
        if (successor.keyHash().equals(past.keyHash())) {
            blockers.add(sharesKey(successor, past.keyId()));
        }
        if (successor.subject().equals(past.subject())) {
            blockers.add(sharesSubject(successor, past.keyId()));
        }
    }

    private static Blocker sharesKey(KnownRoot successor, String keyId) {
        return Blocker.of(
                Code.ROOT_SHARES_KEY,
                successor.keyId(),
                "has the key of root " + keyId + " (expected: a new key)");
    }

    private static Blocker sharesSubject(KnownRoot successor, String keyId) {
        return Blocker.of(
                Code.ROOT_SHARES_SUBJECT,
                successor.keyId(),
                "subject "
                        + successor.subject()
                        + " is that of root "
                        + keyId
                        + " (expected: a new name: verifiers find roots by name)");
    }

    private static void life(
            KnownRoot successor, Prepared state, Observations seen, List<Blocker> blockers) {
        Instant least = seen.now().plus(plan(state).minimumLife());
        if (successor.notAfter().isBefore(least)) {
            blockers.add(
                    Blocker.of(
                            Code.ROOT_LIFE_TOO_SHORT,
                            successor.keyId(),
                            "ends " + successor.notAfter() + " (expected: after " + least + ")"));
        }
    }
}
