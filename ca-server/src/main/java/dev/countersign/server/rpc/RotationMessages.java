package dev.countersign.server.rpc;

import dev.countersign.server.authority.RotationView;
import dev.countersign.server.authority.rotation.Blocker;
import dev.countersign.server.authority.rotation.CanarySelector;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.Exclusion;
import dev.countersign.server.authority.rotation.Observations;
import dev.countersign.server.authority.rotation.Rotation;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.authority.rotation.Verifier;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.RotationBlocker;
import dev.countersign.wire.v1.RotationExclusion;
import dev.countersign.wire.v1.RotationSubject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A rotation as messages. */
final class RotationMessages {
    private static final int MAX_BLOCKERS = 1000;

    private RotationMessages() {}

    static GetRotationResponse status(RotationView view) {
        RotationState state = view.state();
        Duration skew = state.rotation().map(one -> one.plan().skew()).orElse(Duration.ZERO);
        List<Verifier> live = live(view, skew);
        GetRotationResponse.Builder answer =
                GetRotationResponse.newBuilder()
                        .setPhase(state.phase().name())
                        .setSince(Timestamps.encode(state.since().at()))
                        .setSinceEpoch(state.since().epoch())
                        .setBundleEpoch(view.epoch())
                        .setVerifiers(live.size())
                        .setVerifiersLoaded(
                                live.stream()
                                        .filter(one -> one.epoch() >= state.trustedSince())
                                        .count())
                        .setReplicas(view.seen().replicas().size())
                        .setReplicasLoaded(
                                view.seen().replicas().stream()
                                        .filter(one -> one.epoch() >= state.since().epoch())
                                        .count())
                        .setCanary(state.canaries().map(CanarySelector::toString).orElse(""))
                        .setNow(Timestamps.encode(view.seen().now()));
        state.rotation().ifPresent(rotation -> put(answer, rotation));
        if (state instanceof Moving moving) {
            put(answer, moving, view.seen());
        }
        switch (view.decision()) {
            case Decision.Idle idle -> {}
            case Decision.Go go -> answer.setNext(go.move().name());
            case Decision.Blocked blocked -> {
                answer.setNext(blocked.next().name());
                blocked.blockers().stream()
                        .limit(MAX_BLOCKERS)
                        .map(one -> blocker(one, view.seen()))
                        .forEach(answer::addBlockers);
            }
        }
        return answer.build();
    }

    /** Those that decide about somebody now, or may again. */
    static List<Verifier> live(RotationView view, Duration skew) {
        Instant now = view.seen().now();
        return view.seen().verifiers().stream()
                .filter(one -> one.connected() || now.isBefore(one.until().plus(skew)))
                .toList();
    }

    static RotationBlocker blocker(Blocker blocker, Observations seen) {
        RotationBlocker.Builder message =
                RotationBlocker.newBuilder()
                        .setCode(blocker.code().name())
                        .setWho(blocker.who())
                        .setDetail(blocker.detail())
                        .setExcludable(blocker.excludable());
        blocker.until().ifPresent(until -> message.setUntil(Timestamps.encode(until)));
        if (blocker.excludable()) {
            seen.verifiers().stream()
                    .filter(one -> one.name().equals(blocker.who()))
                    .findFirst()
                    .ifPresent(one ->
                            message.setWhere(one.where())
                                    .setLastSeen(Timestamps.encode(one.lastSeen())));
        }
        return message.build();
    }

    private static void put(GetRotationResponse.Builder answer, Rotation rotation) {
        answer.setRotationId(rotation.id())
                .setBegun(Timestamps.encode(rotation.begun()))
                .setBegunBy(rotation.by())
                .setBack(rotation.back());
        rotation.exclusions().forEach(one -> answer.addExclusions(exclusion(one)));
    }

    private static void put(GetRotationResponse.Builder answer, Moving moving, Observations seen) {
        switch (moving.change()) {
            case Change.OfRoot root -> {
                answer.setSubject(RotationSubject.ROTATION_SUBJECT_ROOT)
                        .setFromKeyId(root.from().keyId())
                        .setToKeyId(root.to().keyId())
                        .setAgentsToRenew(
                                seen.verifiers().stream()
                                        .filter(Verifier::connected)
                                        .filter(one ->
                                                one.leafRootKeyId().equals(root.from().keyId()))
                                        .count());
                seen.leavesUnder(root.from())
                        .ifPresent(live ->
                                answer.setOldLeaves(live.count())
                                        .setOldLeavesUntil(Timestamps.encode(live.lastNotAfter())));
            }
            case Change.OfBundleKey key ->
                    answer.setSubject(RotationSubject.ROTATION_SUBJECT_BUNDLE_KEY)
                            .setFromKeyId(key.from().id())
                            .setToKeyId(key.to().id());
        }
        if (moving instanceof RotationState.Draining draining) {
            draining.course()
                    .rotation()
                    .plan()
                    .connectionDeadline()
                    .ifPresent(after ->
                            answer.setConnectionDeadline(
                                    Timestamps.encode(draining.since().at().plus(after))));
        }
    }

    private static RotationExclusion exclusion(Exclusion exclusion) {
        return RotationExclusion.newBuilder()
                .setVerifier(exclusion.verifier())
                .setReason(exclusion.reason())
                .setBy(exclusion.by())
                .setAt(Timestamps.encode(exclusion.at()))
                .build();
    }
}
