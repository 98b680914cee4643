package dev.countersign.server.authority.approval;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.approval.ApprovalRecords.Asked;
import dev.countersign.server.authority.approval.ApprovalRefused.Reason;
import dev.countersign.server.x509.KeyIds;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects approvals and lets a step pass once enough of them count. Thread-safe. */
public final class ApprovalDesk implements Approvals {
    private static final int NONCE = 16;

    private final ApprovalRules rules;
    private final TrustDomain trustDomain;
    private final ApprovalRecords records;
    private final AuditTrail audit;
    private final InstantSource clock;
    private final SecureRandom random;

    /**
     * A step that waits.
     *
     * @param approvers names of those whose approval counts now, sorted
     */
    public record Waiting(Asked step, int required, List<String> approvers) {
        public Waiting {
            approvers = List.copyOf(approvers);
        }
    }

    public ApprovalDesk(
            ApprovalRules rules,
            TrustDomain trustDomain,
            ApprovalRecords records,
            AuditTrail audit,
            InstantSource clock,
            SecureRandom random) {
        this.rules = rules;
        this.trustDomain = trustDomain;
        this.records = records;
        this.audit = audit;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public ApprovedStep require(Step step) throws AwaitingApproval, AuditUnavailable {
        Instant now = clock.instant();
        String content = sha256(step.text());
        Optional<Asked> waiting = records.waiting(content, now);
        Asked asked = waiting.isPresent() ? waiting.get() : ask(step, content, now);
        List<String> approvers = approvers(asked.digest(), now);
        if (approvers.size() < rules.required()) {
            throw new AwaitingApproval(step, asked.digest(), rules.required(), approvers);
        }
        record(
                AuditEvent.Type.STEP_APPROVED,
                now,
                Map.of(
                        "digest", asked.digest(),
                        "step", step.kind().text(),
                        "approvers", String.join(",", approvers)));
        if (!records.use(asked.digest(), now)) {
            // Another replica took it meanwhile: for this one it is a new step.
            throw new AwaitingApproval(step, asked.digest(), rules.required(), List.of());
        }
        return new ApprovedStep(step, asked.digest(), approvers);
    }

    @Override
    public Optional<AwaitingApproval> awaited(Step step) {
        Instant now = clock.instant();
        return records.waiting(sha256(step.text()), now)
                .map(Asked::digest)
                .filter(digest -> approvers(digest, now).size() < rules.required())
                .map(digest ->
                        new AwaitingApproval(
                                step, digest, rules.required(), approvers(digest, now)));
    }

    /**
     * Takes an approval in.
     *
     * @throws ApprovalRefused when it does not count
     * @throws AuditUnavailable when it cannot be recorded: it does not count either
     */
    public Waiting give(SignedApproval approval) throws ApprovalRefused, AuditUnavailable {
        Instant now = clock.instant();
        Asked step = open(approval.digest(), now);
        rules.check(approval, now);
        record(
                AuditEvent.Type.STEP_APPROVAL_GIVEN,
                now,
                Map.of(
                        "digest", approval.digest(),
                        "operator", approval.operator(),
                        "until", approval.until().toString()));
        if (!records.add(approval, now)) {
            throw new ApprovalRefused(
                    Reason.APPROVAL_REPEATED,
                    "approval of "
                            + approval.operator()
                            + ": there already (expected: each operator once)");
        }
        return waiting(step, now);
    }

    /** Steps that wait, oldest first. */
    public List<Waiting> waiting() {
        Instant now = clock.instant();
        return records.waiting(now).stream().map(step -> waiting(step, now)).toList();
    }

    private Asked open(String digest, Instant now) throws ApprovalRefused {
        Asked step =
                records.find(digest)
                        .orElseThrow(() ->
                                new ApprovalRefused(
                                        Reason.APPROVAL_STEP_UNKNOWN,
                                        "step: "
                                                + digest
                                                + " (expected: one of countersign root"
                                                + " approvals)"));
        if (step.used()) {
            throw new ApprovalRefused(
                    Reason.APPROVAL_STEP_USED,
                    "step: " + digest + " was taken (expected: one that waits)");
        }
        if (!now.isBefore(step.expires())) {
            throw new ApprovalRefused(
                    Reason.APPROVAL_STEP_EXPIRED,
                    "step: until " + step.expires() + " (expected: > " + now + ")");
        }
        return step;
    }

    private Asked ask(Step step, String content, Instant now) throws AuditUnavailable {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        Instant asked = now.truncatedTo(ChronoUnit.SECONDS);
        StringBuilder text = new StringBuilder(step.text());
        Step.line(text, "asked", asked.toString());
        Step.line(text, "nonce", HexFormat.of().formatHex(nonce));
        String digest = sha256(text.toString());
        record(
                AuditEvent.Type.STEP_AWAITS_APPROVAL,
                now,
                Map.of("digest", digest, "step", step.kind().text()));
        Asked made =
                new Asked(
                        digest,
                        content,
                        text.toString(),
                        asked,
                        asked.plus(ApprovalRules.LONGEST),
                        false);
        records.ask(made);
        return made;
    }

    private Waiting waiting(Asked step, Instant now) {
        return new Waiting(step, rules.required(), approvers(step.digest(), now));
    }

    private List<String> approvers(String digest, Instant now) {
        return rules.counting(digest, records.approvals(digest), now);
    }

    private void record(AuditEvent.Type type, Instant now, Map<String, String> facts)
            throws AuditUnavailable {
        audit.append(new AuditEvent(type, now, trustDomain.id(), facts));
    }

    private static String sha256(String text) {
        return KeyIds.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
