package dev.countersign.server.audit;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The raw rows that {@link AuditVerifier} judges: a port, answered by the store as the tables say,
 * without sense or order made of them. Throws {@link RecordsUnavailable} in an outage.
 */
public interface LogRecords {
    /** A chain's own row, by number. */
    record Chain(long number, String name, String genesis, Head head) {}

    /**
     * A batch's own row and the entries that say they belong to it, by sequence.
     *
     * @param size how many entries the row says it has
     */
    record Batch(long number, long size, String hash, List<Row> entries) {}

    /** An entry's row. */
    record Row(long sequence, String type, String identity, String body) {}

    /** A certificate's row. */
    record Certificate(
            String issuerKeyId,
            String serial,
            String identity,
            Instant notAfter,
            Outcome outcome) {}

    /**
     * Counts of one instant.
     *
     * @param entries rows of the log
     * @param chained entries that the chains' heads account for
     * @param strayCertificates certificate rows whose sequence is no INTENT entry
     */
    record Counts(long entries, long chained, long strayCertificates) {}

    List<Chain> chains();

    /** Batches of a chain after a number, at most {@code limit}. */
    List<Batch> batches(long chain, long afterNumber, int limit);

    /** Certificate rows by sequence number of their intent; what is absent is left out. */
    Map<Long, Certificate> certificates(Collection<Long> sequences);

    Counts counts();
}
