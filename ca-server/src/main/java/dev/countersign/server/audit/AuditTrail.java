package dev.countersign.server.audit;

/**
 * The append-only log of everything the CA signed or refused: a port, so that a Merkle log may
 * replace the hash chain. Callers block (they run on virtual threads); many callers share one
 * commit, and each waits for its own batch only.
 */
public interface AuditTrail {
    /** What is asked of an intent's public key, in the very commit that makes the intent durable. */
    enum KeyRule {
        /** No other identity may have had an intent for it. */
        OWN,
        /** Nobody may. */
        NEW
    }

    /**
     * Makes an intent durable. Returns only when it survives power loss.
     *
     * @return the sequence number of the entry
     * @throws AuditUnavailable when it cannot be made durable now: sign nothing
     * @throws KeyTaken when its key breaks the rule: sign nothing either
     */
    long intend(IssuanceIntent intent, KeyRule rule) throws AuditUnavailable, KeyTaken;

    /** For a key made by the caller just now, or looked up before: one that is taken is a fault. */
    default long intend(IssuanceIntent intent) throws AuditUnavailable {
        try {
            return intend(intent, KeyRule.OWN);
        } catch (KeyTaken taken) {
            throw new AuditUnavailable(
                    "public key: bound to another identity meanwhile, ask again", taken);
        }
    }

    /**
     * Records what became of an intent. Does not wait: it rides in the next batch; a crash before
     * that leaves an intent without an outcome, which start-up reconciles as UNKNOWN.
     */
    void issued(IssuanceIntent intent, String certificateHash);

    /** As {@link #issued}: the intent was not carried out, nothing was signed. */
    void failed(IssuanceIntent intent, String reason);

    /**
     * Makes any other event durable.
     *
     * @return its sequence number
     */
    long append(AuditEvent event) throws AuditUnavailable;

    /** Appends without waiting; dropped and counted when the queue is full. For denials. */
    void offer(AuditEvent event);
}
