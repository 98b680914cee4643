package dev.countersign.server.testing;

import dev.countersign.server.authority.approval.ApprovalRecords;
import dev.countersign.server.authority.approval.SignedApproval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Approvals in memory, with the store's rules. */
public final class InMemoryApprovalRecords implements ApprovalRecords {
    private final Map<String, Asked> steps = new LinkedHashMap<>();
    private final List<SignedApproval> approvals = new ArrayList<>();

    /** Puts any approval in, however wrong: as who writes to the database can. */
    public synchronized void force(SignedApproval approval) {
        approvals.add(approval);
    }

    @Override
    public synchronized Optional<Asked> waiting(String content, Instant now) {
        return waiting(now).stream().filter(step -> step.content().equals(content)).findFirst();
    }

    @Override
    public synchronized Optional<Asked> find(String digest) {
        return Optional.ofNullable(steps.get(digest));
    }

    @Override
    public synchronized void ask(Asked step) {
        steps.put(step.digest(), step);
    }

    @Override
    public synchronized List<Asked> waiting(Instant now) {
        return steps.values().stream()
                .filter(step -> !step.used() && step.expires().isAfter(now))
                .toList();
    }

    @Override
    public synchronized boolean add(SignedApproval approval, Instant now) {
        boolean holds =
                approvals.stream()
                        .filter(other -> isOf(other, approval))
                        .anyMatch(other -> other.until().isAfter(now));
        if (holds) {
            return false;
        }
        approvals.removeIf(other -> isOf(other, approval));
        return approvals.add(approval);
    }

    @Override
    public synchronized List<SignedApproval> approvals(String digest) {
        return approvals.stream().filter(approval -> approval.digest().equals(digest)).toList();
    }

    @Override
    public synchronized boolean use(String digest, Instant now) {
        Asked step = steps.get(digest);
        if (step == null || step.used()) {
            return false;
        }
        steps.put(
                digest,
                new Asked(digest, step.content(), step.text(), step.asked(), step.expires(), true));
        return true;
    }

    private static boolean isOf(SignedApproval one, SignedApproval other) {
        return one.digest().equals(other.digest()) && one.operator().equals(other.operator());
    }
}
