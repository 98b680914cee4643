package dev.countersign.server.kubernetes.governance;

import dev.countersign.server.authority.RotationView;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.rotation.Blocker;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.Phase;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.kubernetes.resources.Condition;
import dev.countersign.server.kubernetes.resources.StatusReport;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the object of the mesh's roots says of them. */
final class TrustRootStatus {
    private static final String PROGRESSING = "Progressing";
    private static final int SHOWN = 10;

    private TrustRootStatus() {}

    /** Why what is wanted is not begun. */
    record Refusal(String code, String message) {}

    static StatusReport of(
            GenericKubernetesResource object,
            RotationView view,
            List<ApprovalDesk.Waiting> approvals,
            String handled,
            Optional<Refusal> refusal) {
        Long written = object.getMetadata().getGeneration();
        List<Blocker> blockers =
                view.decision() instanceof Decision.Blocked blocked
                        ? blocked.blockers()
                        : List.of();
        return new StatusReport(
                written == null ? 0 : written,
                List.of(accepted(refusal), progressing(view, blockers)),
                fields(view, blockers, approvals, handled));
    }

    /** That which is trusted and signs nothing while nothing rotates. */
    static Optional<KnownRoot> standby(RotationState state) {
        return state instanceof RotationState.Stable stable
                ? stable.holdings().standby()
                : Optional.empty();
    }

    private static Condition accepted(Optional<Refusal> refusal) {
        return refusal.map(why -> Condition.no(Condition.ACCEPTED, why.code(), why.message()))
                .orElseGet(() -> Condition.yes(Condition.ACCEPTED, "Accepted", "as it is written"));
    }

    private static Condition progressing(RotationView view, List<Blocker> blockers) {
        Phase phase = view.state().phase();
        if (phase == Phase.STABLE) {
            return Condition.no(PROGRESSING, "Stable", "nothing rotates");
        }
        if (blockers.isEmpty()) {
            return Condition.yes(PROGRESSING, phase.name(), "in phase " + phase);
        }
        Blocker first = blockers.getFirst();
        return Condition.yes(
                PROGRESSING,
                phase.name(),
                "in phase " + phase + ", waits for " + first.code() + " " + first.who());
    }

    private static Map<String, Object> fields(
            RotationView view,
            List<Blocker> blockers,
            List<ApprovalDesk.Waiting> approvals,
            String handled) {
        Map<String, Object> fields = new LinkedHashMap<>();
        RotationState state = view.state();
        fields.put("phase", state.phase().name());
        fields.put("epoch", view.epoch());
        fields.put("signingRoot", state.signing().keyId());
        fields.put("trustedRoots", state.trusted().stream().map(KnownRoot::keyId).toList());
        standby(state).ifPresent(root -> fields.put("standbyRoot", root.keyId()));
        state.rotation().ifPresent(running -> fields.put("rotationId", running.id()));
        if (!handled.isEmpty()) {
            fields.put("handledRequest", handled);
        }
        if (!blockers.isEmpty()) {
            fields.put("waitingFor", blockers.getFirst().code().name());
            fields.put(
                    "blockers",
                    blockers.stream().limit(SHOWN).map(TrustRootStatus::blocker).toList());
        }
        fields.put("blockersInAll", blockers.size());
        List<Object> awaited = new ArrayList<>();
        approvals.stream().limit(SHOWN).forEach(one -> awaited.add(approval(one)));
        if (!awaited.isEmpty()) {
            fields.put("awaitedApprovals", awaited);
        }
        return fields;
    }

    private static Map<String, Object> blocker(Blocker blocker) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("code", blocker.code().name());
        shown.put("who", blocker.who());
        shown.put("detail", blocker.detail());
        blocker.until().ifPresent(until -> shown.put("until", until.toString()));
        return shown;
    }

    private static Map<String, Object> approval(ApprovalDesk.Waiting waiting) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("step", waiting.step().text());
        shown.put("digest", waiting.step().digest());
        shown.put("required", waiting.required());
        shown.put("approvers", waiting.approvers());
        shown.put(
                "command",
                "countersign root approve --step "
                        + waiting.step().digest()
                        + " --name NAME --key FILE");
        return shown;
    }
}
