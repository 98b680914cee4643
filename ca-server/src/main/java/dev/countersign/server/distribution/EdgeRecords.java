package dev.countersign.server.distribution;

import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.RecordsUnavailable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who talked to whom, as agents reported it: a port, kept by the store for {@link #KEPT}, counted by
 * day (UTC), at most {@link #MAX_EDGES} different ones and {@link #MAX_EDGES_OF_ONE} of one reporting
 * identity. What does not fit is counted as a {@link Loss}.
 */
public interface EdgeRecords {
    Duration KEPT = Duration.ofDays(30);
    int MAX_EDGES = 100_000;
    int MAX_EDGES_OF_ONE = 5_000;

    /** Agent processes on record of one identity; the ones that were silent longest go first. */
    int MAX_REPORTERS_OF_ONE = 500;

    /**
     * Who reports, from its certificate and the server's own records.
     *
     * @param instance as the agent calls its process: tells its reports from another process's
     * @param labels of its pod
     */
    record Reporter(SpiffeId identity, String instance, String pod, Map<String, String> labels) {}

    /**
     * Which edges; times are compared with when an edge was last seen.
     *
     * @param source SPIFFE ID
     * @param destination SPIFFE ID
     * @param namespace of either end
     */
    record Query(
            Optional<String> source,
            Optional<String> destination,
            Optional<String> namespace,
            Optional<Boolean> allowed,
            Optional<Boolean> plaintext,
            Instant since) {}

    /** One agent process. */
    record Reported(
            String identity,
            String instance,
            String pod,
            Instant first,
            Instant last,
            boolean ended) {}

    /** Why something that was seen is not on record. */
    enum Cause {
        /** An agent's table was full. */
        AGENT_TABLE,
        /** Its identity had {@link #MAX_EDGES_OF_ONE} edges. */
        IDENTITY_BOUND,
        /** There were more than {@link #MAX_EDGES}: those not seen for longest went. */
        STORE_BOUND
    }

    /**
     * @param identity whose traffic it was; empty = anybody's
     * @param count decisions, edges for {@link Cause#STORE_BOUND}
     */
    record Loss(String identity, Cause cause, long count, Instant last) {}

    /**
     * Puts a report on record, all of it or nothing; one that is on record already changes nothing.
     *
     * @throws RecordsUnavailable when it cannot be kept now
     */
    void record(Reporter reporter, EdgeReport report);

    /**
     * Hands out edges in no particular order.
     *
     * @throws RecordsUnavailable when they cannot be read now
     */
    void find(Query query, Consumer<ObservedEdge> edges);

    /**
     * Every agent process that reported since then.
     *
     * @throws RecordsUnavailable when they cannot be read now
     */
    List<Reported> reporters(Instant since);

    /**
     * What was lost on the days since then.
     *
     * @throws RecordsUnavailable when it cannot be read now
     */
    List<Loss> losses(Instant since);
}
