package dev.countersign.server.rpc;

import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.RootDestruction;
import dev.countersign.server.authority.RootRotation;
import dev.countersign.server.authority.RotationRefused;
import dev.countersign.server.authority.RotationView;
import dev.countersign.server.authority.rotation.CanarySelector;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.LiveLeaves;
import dev.countersign.server.authority.rotation.Outline;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.BeginRotationRequest;
import dev.countersign.wire.v1.ChangeStandbyRootRequest;
import dev.countersign.wire.v1.DestroyRootRequest;
import dev.countersign.wire.v1.DestroyRootResponse;
import dev.countersign.wire.v1.DistrustRootRequest;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.ListRootsResponse;
import dev.countersign.wire.v1.PlanRotationRequest;
import dev.countersign.wire.v1.PlanRotationResponse;
import dev.countersign.wire.v1.PlannedPhase;
import dev.countersign.wire.v1.ResumeRotationRequest;
import dev.countersign.wire.v1.RotationSubject;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/** What operators ask about roots, and wish of them. */
public final class RotationDesk {
    private static final int MAX_EXCLUDED = 100;
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final RootRotation rotation;
    private final AuthorityRing authority;
    private final RootDestruction destruction;
    private final RotationPlan standard;

    /**
     * @param standard what a rotation begins with where nothing else is asked for
     */
    public RotationDesk(
            RootRotation rotation,
            AuthorityRing authority,
            RootDestruction destruction,
            RotationPlan standard) {
        this.rotation = rotation;
        this.authority = authority;
        this.destruction = destruction;
        this.standard = standard;
    }

    /** What may be refused. */
    @FunctionalInterface
    private interface Wish {
        void run() throws RotationRefused;
    }

    ListRootsResponse roots() {
        return RootMessages.roots(rotation.view(), authority.bundle());
    }

    GetRotationResponse status() {
        return RotationMessages.status(rotation.view());
    }

    PlanRotationResponse plan(PlanRotationRequest request) {
        RotationPlan plan = plan(request.getCanary(), request.getConnectionDeadlineSeconds());
        RotationView view = rotation.view();
        Outline outline =
                Outline.of(view.state(), subject(request.getSubject()), plan, view.seen());
        PlanRotationResponse.Builder answer =
                PlanRotationResponse.newBuilder()
                        .setVerifiers(RotationMessages.live(view, plan.skew()).size())
                        .setReplicas(view.seen().replicas().size())
                        .setLiveLeaves(
                                view.seen()
                                        .leavesUnder(view.state().signing())
                                        .map(LiveLeaves::count)
                                        .orElse(0L))
                        .setEarliestEnd(Timestamps.encode(outline.steps().getLast().ends()))
                        .setNow(Timestamps.encode(view.seen().now()));
        view.state()
                .rotation()
                .ifPresent(running ->
                        answer.setRefusal(
                                "a rotation runs: "
                                        + running.id()
                                        + ", begun by "
                                        + running.by()
                                        + " (expected: none)"));
        outline.steps()
                .forEach(step ->
                        answer.addPhases(
                                PlannedPhase.newBuilder()
                                        .setPhase(step.phase().name())
                                        .setEffect(step.effect())
                                        .setLeavesWhen(step.leavesWhen())
                                        .setUndo(step.undo())
                                        .setEnds(Timestamps.encode(step.ends()))));
        outline.blockers()
                .forEach(blocker ->
                        answer.addBlockers(RotationMessages.blocker(blocker, view.seen())));
        return answer.build();
    }

    GetRotationResponse begin(BeginRotationRequest request, String by) {
        RotationPlan plan = plan(request.getCanary(), request.getConnectionDeadlineSeconds());
        Change.Subject subject = subject(request.getSubject());
        return after(() -> rotation.begin(subject, plan, by));
    }

    GetRotationResponse undo(String by) {
        return after(() -> rotation.undo(by));
    }

    GetRotationResponse resume(ResumeRotationRequest request, String by) {
        if (request.getExcludeCount() > MAX_EXCLUDED) {
            throw AdminGrpcService.invalid(
                    "VERIFIER_UNKNOWN",
                    "exclude: "
                            + request.getExcludeCount()
                            + " (expected: <= "
                            + MAX_EXCLUDED
                            + ")");
        }
        return after(() -> {
            for (String verifier : request.getExcludeList()) {
                rotation.exclude(verifier, request.getReason(), by);
            }
            if (request.getConnectionDeadlineSeconds() > 0) {
                rotation.connectionDeadline(
                        seconds(request.getConnectionDeadlineSeconds()), request.getReason());
            }
            rotation.resume(request.getReason());
        });
    }

    GetRotationResponse distrust(DistrustRootRequest request, String by) {
        return after(
                () -> rotation.distrust(request.getKeyId(), standard, request.getReason(), by));
    }

    GetRotationResponse standby(ChangeStandbyRootRequest request) {
        return after(() -> {
            if (request.getAdd()) {
                rotation.addStandby();
            } else {
                rotation.removeStandby();
            }
        });
    }

    DestroyRootResponse destroy(DestroyRootRequest request, String by) {
        String keyName =
                refusable(() -> destruction.destroy(request.getKeyId(), request.getReason(), by));
        return DestroyRootResponse.newBuilder().setKeyName(keyName).build();
    }

    private GetRotationResponse after(Wish wish) {
        return refusable(() -> {
            wish.run();
            return status();
        });
    }

    /** What may be refused, with an answer. */
    @FunctionalInterface
    private interface Question<T> {
        T ask() throws RotationRefused;
    }

    private static <T> T refusable(Question<T> question) {
        try {
            return question.ask();
        } catch (RotationRefused refused) {
            throw refusal(refused);
        } catch (AuthorityRefused refused) {
            throw StatusMapping.refusal(
                    Status.Code.UNAVAILABLE,
                    "AUTHORITY_" + refused.reason(),
                    String.valueOf(refused.getMessage()),
                    RETRY_SOON);
        }
    }

    private RotationPlan plan(String canary, long deadlineSeconds) {
        try {
            RotationPlan plan =
                    canary.isEmpty() ? standard : standard.withCanary(CanarySelector.parse(canary));
            return deadlineSeconds == 0
                    ? plan
                    : plan.withConnectionDeadline(seconds(deadlineSeconds));
        } catch (IllegalArgumentException malformed) {
            throw AdminGrpcService.invalid("ROTATION_PLAN", String.valueOf(malformed.getMessage()));
        }
    }

    private static Duration seconds(long given) {
        if (given < 0 || given > Duration.ofDays(365).toSeconds()) {
            throw AdminGrpcService.invalid(
                    "ROTATION_PLAN",
                    "connection_deadline_seconds: " + given + " (expected: <= 365 d)");
        }
        return Duration.ofSeconds(given);
    }

    private static Change.Subject subject(RotationSubject subject) {
        return switch (subject) {
            case ROTATION_SUBJECT_UNSPECIFIED, ROTATION_SUBJECT_ROOT -> Change.Subject.ROOT;
            case ROTATION_SUBJECT_BUNDLE_KEY -> Change.Subject.BUNDLE_KEY;
            case UNRECOGNIZED ->
                    throw AdminGrpcService.invalid(
                            "ROTATION_PLAN", "subject: unknown (expected: root or bundle key)");
        };
    }

    private static StatusRuntimeException refusal(RotationRefused refused) {
        Status.Code code =
                switch (refused.reason()) {
                    case ROTATION_RUNNING,
                            ROTATION_NONE,
                            ROTATION_BLOCKED,
                            ROOT_ALONE,
                            ROOT_IN_USE,
                            ROOT_LEAVES_LIVE,
                            ROOT_KEY_GONE,
                            STANDBY_EXISTS,
                            STANDBY_NONE,
                            ROOT_IMPORT_FIRST,
                            AWAITING_APPROVAL ->
                            Status.Code.FAILED_PRECONDITION;
                    case ROTATION_PLAN, VERIFIER_UNKNOWN, REASON_MISSING, ROOT_UNKNOWN ->
                            Status.Code.INVALID_ARGUMENT;
                    case ROTATION_CONTENDED -> Status.Code.ABORTED;
                    case KEY_UNAVAILABLE, LOG_UNAVAILABLE -> Status.Code.UNAVAILABLE;
                };
        StringBuilder message = new StringBuilder(String.valueOf(refused.getMessage()));
        refused.blockers().stream()
                .limit(20)
                .forEach(one ->
                        message.append("\n  ").append(one.who()).append("  ").append(one.detail()));
        return StatusMapping.refusal(
                code, refused.reason().name(), message.toString(), Duration.ZERO);
    }
}
