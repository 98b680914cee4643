package dev.countersign.server.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads the log: a port, answered by the store. Throws {@link RecordsUnavailable} in an outage. */
public interface AuditLog {
    /**
     * One entry.
     *
     * @param sequence unique, rising in the order of commits of one process
     * @param chain name of the chain it belongs to: an issuer's key id, or a server chain
     * @param at when it happened
     * @param type {@code INTENT}, {@code ISSUED}, {@code FAILED} or a name of {@link
     *     AuditEvent.Type}
     * @param identity SPIFFE ID or account; empty when unknown
     * @param podUid empty when none
     * @param serial lower-case hex; empty when none
     * @param body canonical JSON, exactly the hashed text
     * @param batchHash lower-case hex hash of the batch that it was committed in
     */
    record LogEntry(
            long sequence,
            String chain,
            Instant at,
            String type,
            String identity,
            String podUid,
            String serial,
            String body,
            String batchHash) {}

    /**
     * A page, newest first.
     *
     * @param identity only this one, compared exactly
     * @param type only this one
     * @param beforeSequence exclusive; {@code Long.MAX_VALUE} = from the newest
     * @param limit 1 to 1000
     */
    List<LogEntry> entries(
            Optional<String> identity, Optional<String> type, long beforeSequence, int limit);

    Optional<LogEntry> entry(long sequence);

    /** How many entries all chains say they have. */
    long entryCount();
}
