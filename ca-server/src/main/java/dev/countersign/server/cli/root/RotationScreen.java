package dev.countersign.server.cli.root;

import dev.countersign.server.cli.Times;
import dev.countersign.wire.v1.GetRotationResponse;
import dev.countersign.wire.v1.PlanRotationResponse;
import dev.countersign.wire.v1.PlannedPhase;
import dev.countersign.wire.v1.RotationBlocker;
import dev.countersign.wire.v1.RotationExclusion;
import dev.countersign.wire.v1.RotationSubject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A rotation as a person reads it: what happens, who blocks, what gets past it, how to undo. */
final class RotationScreen {
    private static final int NAMED = 20;
    private static final int PHASE_WIDTH = 14;

    private RotationScreen() {}

    /** One line: the phase and what it waits for. */
    static String phase(GetRotationResponse status) {
        String what =
                switch (status.getPhase()) {
                    case "PREPARED" -> "the new one is being made";
                    case "DISTRIBUTING", "CANARY", "RETIRING" -> loaded(status);
                    case "ACTIVE" ->
                            status.getReplicasLoaded()
                                    + " of "
                                    + status.getReplicas()
                                    + " servers sign by it";
                    case "DRAINING" -> draining(status);
                    default -> "";
                };
        String wait = waiting(status).map(left -> ", " + left).orElse("");
        return padded(status.getPhase()) + (status.getBack() ? "(going back) " : "") + what + wait;
    }

    static List<String> status(GetRotationResponse status) {
        List<String> lines = new ArrayList<>();
        if (status.getPhase().equals("STABLE")) {
            lines.add(
                    "STABLE since "
                            + Times.text(status.getSince())
                            + ", bundle epoch "
                            + status.getBundleEpoch()
                            + ": nothing rotates");
            lines.add("begin one:  countersign root rotate --plan");
            return lines;
        }
        lines.add(phase(status));
        lines.add(
                "  rotation "
                        + status.getRotationId()
                        + " of "
                        + (status.getSubject() == RotationSubject.ROTATION_SUBJECT_BUNDLE_KEY
                                ? "the bundle-signing key"
                                : "the root")
                        + " "
                        + brief(status.getFromKeyId())
                        + " → "
                        + brief(status.getToKeyId())
                        + ", begun "
                        + Times.text(status.getBegun())
                        + " by "
                        + status.getBegunBy());
        if (!status.getCanary().isEmpty()) {
            lines.add("  canaries: " + status.getCanary());
        }
        for (RotationExclusion exclusion : status.getExclusionsList()) {
            lines.add(
                    "  without "
                            + exclusion.getVerifier()
                            + " ("
                            + exclusion.getReason()
                            + ", "
                            + exclusion.getBy()
                            + ")");
        }
        lines.addAll(blockers(status));
        return lines;
    }

    /** Who stands in the way, and the commands that get past them. */
    static List<String> refusal(GetRotationResponse status) {
        List<RotationBlocker> who =
                status.getBlockersList().stream().filter(one -> !one.hasUntil()).toList();
        List<String> lines = new ArrayList<>();
        lines.add(
                "refused: "
                        + status.getPhase()
                        + " cannot end: "
                        + (isAbout(who, "VERIFIER_NOT_LOADED")
                                ? who.size()
                                        + " of "
                                        + status.getVerifiers()
                                        + " live verifiers have not loaded the bundle"
                                : who.size() + " in the way"));
        lines.addAll(blockers(status));
        return lines;
    }

    static List<String> plan(PlanRotationResponse plan) {
        Instant now = Times.instant(plan.getNow());
        List<String> lines = new ArrayList<>();
        if (!plan.getRefusal().isEmpty()) {
            lines.add("refused: " + plan.getRefusal());
            lines.add("see it:  countersign root rotate --status");
            return lines;
        }
        lines.add(
                "touches "
                        + plan.getVerifiers()
                        + " live verifiers, "
                        + plan.getReplicas()
                        + " servers, "
                        + plan.getLiveLeaves()
                        + " live certificates; over "
                        + Times.relative(Times.instant(plan.getEarliestEnd()), now)
                        + " at the earliest");
        for (PlannedPhase phase : plan.getPhasesList()) {
            lines.add("  " + padded(phase.getPhase()) + phase.getEffect() + at(phase, now));
            if (!phase.getLeavesWhen().isEmpty()) {
                lines.add("  " + " ".repeat(PHASE_WIDTH) + "ends when " + phase.getLeavesWhen());
            }
            lines.add("  " + " ".repeat(PHASE_WIDTH) + "undo: " + phase.getUndo());
        }
        lines.add(
                plan.getBlockersCount() == 0
                        ? "nothing would refuse now"
                        : plan.getBlockersCount() + " would refuse now:");
        plan.getBlockersList().stream()
                .limit(NAMED)
                .forEach(one -> lines.add("  " + blocker(one, now)));
        return lines;
    }

    private static String at(PlannedPhase phase, Instant now) {
        Instant ends = Times.instant(phase.getEnds());
        return ends.isAfter(now) && !phase.getLeavesWhen().isEmpty()
                ? " · until " + Times.relative(ends, now).replace("in ", "")
                : "";
    }

    private static List<String> blockers(GetRotationResponse status) {
        Instant now = Times.instant(status.getNow());
        List<String> lines = new ArrayList<>();
        status.getBlockersList().stream()
                .limit(NAMED)
                .forEach(one -> lines.add("  " + blocker(one, now)));
        if (status.getBlockersCount() > NAMED) {
            lines.add("  … and " + (status.getBlockersCount() - NAMED) + " more");
        }
        status.getBlockersList().stream()
                .filter(RotationBlocker::getExcludable)
                .filter(one -> !one.hasUntil())
                .findFirst()
                .ifPresent(one ->
                        lines.add(
                                "wait, fix them, or leave them out with a reason: "
                                        + " countersign root rotate --resume --override "
                                        + one.getWho()
                                        + " --reason \"…\""));
        if (status.getBlockersList().stream().anyMatch(one -> one.getCode().equals("STOPPED"))) {
            lines.add("when it is mended:  countersign root rotate --resume");
        }
        lines.add("undo:  countersign root rotate --undo     " + undo(status));
        return lines;
    }

    private static String blocker(RotationBlocker one, Instant now) {
        String where = one.getWhere().isEmpty() ? "" : " (" + one.getWhere() + ")";
        String seen =
                one.hasLastSeen()
                        ? "last seen "
                                + Times.relative(Times.instant(one.getLastSeen()), now)
                                        .replace("in 0 s", "now")
                                + ", "
                        : "";
        return one.getWho() + where + "     " + seen + one.getDetail();
    }

    private static String undo(GetRotationResponse status) {
        return switch (status.getPhase()) {
            case "PREPARED" -> "(nobody knows the new one)";
            case "DISTRIBUTING" -> "(no certificate has been signed by the new root)";
            case "CANARY", "ACTIVE", "DRAINING" -> "(the old one signs again)";
            case "RETIRING" -> "(both are trusted again)";
            default -> "";
        };
    }

    private static String loaded(GetRotationResponse status) {
        return status.getVerifiersLoaded() + " of " + status.getVerifiers() + " loaded";
    }

    private static String draining(GetRotationResponse status) {
        if (status.getOldLeaves() == 0) {
            return "no certificate of the old root lives";
        }
        return status.getAgentsToRenew()
                + " agents to renew, "
                + status.getOldLeaves()
                + " certificates of the old root live, the last ends "
                + Times.relative(
                        Times.instant(status.getOldLeavesUntil()), Times.instant(status.getNow()));
    }

    /** How long time alone needs, when nothing else is in the way. */
    private static Optional<String> waiting(GetRotationResponse status) {
        Instant now = Times.instant(status.getNow());
        boolean onlyTime =
                status.getBlockersCount() > 0
                        && status.getBlockersList().stream().allMatch(RotationBlocker::hasUntil);
        return onlyTime
                ? status.getBlockersList().stream()
                        .map(one -> Duration.between(now, Times.instant(one.getUntil())))
                        .max(Duration::compareTo)
                        .map(left -> Math.max(0, left.plusMillis(999).toSeconds()) + " s to go")
                : Optional.empty();
    }

    private static boolean isAbout(List<RotationBlocker> blockers, String code) {
        return !blockers.isEmpty() && blockers.stream().allMatch(one -> one.getCode().equals(code));
    }

    private static String brief(String keyId) {
        return keyId.length() > 8 ? keyId.substring(0, 8) + "…" : keyId;
    }

    private static String padded(String phase) {
        return phase + " ".repeat(Math.max(1, PHASE_WIDTH - phase.length()));
    }
}
