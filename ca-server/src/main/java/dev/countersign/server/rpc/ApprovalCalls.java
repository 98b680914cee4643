package dev.countersign.server.rpc;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.approval.ApprovalRefused;
import dev.countersign.server.authority.approval.SignedApproval;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ApproveStepRequest;
import dev.countersign.wire.v1.ApproveStepResponse;
import dev.countersign.wire.v1.AwaitedStep;
import dev.countersign.wire.v1.ListAwaitedStepsResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The calls about approvals, decoded, put to the desk, encoded. */
final class ApprovalCalls {
    private ApprovalCalls() {}

    static ListAwaitedStepsResponse list(Optional<ApprovalDesk> desk) {
        ListAwaitedStepsResponse.Builder answer = ListAwaitedStepsResponse.newBuilder();
        desk.ifPresent(d -> d.waiting().forEach(step -> answer.addSteps(message(step))));
        return answer.build();
    }

    static ApproveStepResponse approve(Optional<ApprovalDesk> desk, ApproveStepRequest request) {
        ApprovalDesk configured =
                desk.orElseThrow(() ->
                        refusal(
                                Status.Code.FAILED_PRECONDITION,
                                "APPROVALS_NOT_CONFIGURED",
                                "approvals: none configured (expected: approvals.required and"
                                        + " approvals.operators)"));
        try {
            return ApproveStepResponse.newBuilder()
                    .setStep(message(configured.give(approval(request))))
                    .build();
        } catch (ApprovalRefused refused) {
            throw refusal(
                    Status.Code.FAILED_PRECONDITION,
                    refused.reason().name(),
                    String.valueOf(refused.getMessage()));
        } catch (AuditUnavailable unavailable) {
            throw StatusMapping.refusal(
                    Status.Code.UNAVAILABLE,
                    "AUDIT_UNAVAILABLE",
                    String.valueOf(unavailable.getMessage()),
                    Duration.ofSeconds(1));
        }
    }

    private static SignedApproval approval(ApproveStepRequest request) {
        try {
            return new SignedApproval(
                    request.getDigest(),
                    request.getOperator(),
                    Instant.ofEpochSecond(request.getUntil().getSeconds()),
                    request.getSignature().toByteArray());
        } catch (IllegalArgumentException | java.time.DateTimeException malformed) {
            throw refusal(
                    Status.Code.INVALID_ARGUMENT,
                    "APPROVAL_MALFORMED",
                    String.valueOf(malformed.getMessage()));
        }
    }

    private static AwaitedStep message(ApprovalDesk.Waiting waiting) {
        return AwaitedStep.newBuilder()
                .setDigest(waiting.step().digest())
                .setText(waiting.step().text())
                .setAsked(Timestamps.encode(waiting.step().asked()))
                .setExpires(Timestamps.encode(waiting.step().expires()))
                .setRequired(waiting.required())
                .addAllApprovers(waiting.approvers())
                .build();
    }

    private static StatusRuntimeException refusal(Status.Code code, String reason, String message) {
        return StatusMapping.refusal(code, reason, message, Duration.ZERO);
    }
}
