package dev.countersign.server.authority.approval;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Steps that were asked for, and what was handed in for them: a port, kept by the store. */
public interface ApprovalRecords {
    /**
     * A step that was asked for.
     *
     * @param digest SHA-256 of {@code text}, lower-case hex
     * @param content SHA-256 of the step alone: the same for each time the same step is asked for
     * @param text what people read and the digest covers
     * @param asked when
     * @param expires from when on it must be asked for anew
     * @param used whether it was taken
     */
    record Asked(
            String digest,
            String content,
            String text,
            Instant asked,
            Instant expires,
            boolean used) {}

    /** The one with this content that waits and has not expired; the oldest of several. */
    Optional<Asked> waiting(String content, Instant now);

    Optional<Asked> find(String digest);

    void ask(Asked step);

    /** All that wait and have not expired, oldest first, at most 100. */
    List<Asked> waiting(Instant now);

    /**
     * Keeps an approval, also in place of one of the same operator that has ended.
     *
     * @return false when this operator's is there already and holds
     */
    boolean add(SignedApproval approval, Instant now);

    List<SignedApproval> approvals(String digest);

    /**
     * Uses a step up.
     *
     * @return false when somebody else was faster
     */
    boolean use(String digest, Instant now);
}
