package dev.countersign.server.distribution;

import dev.countersign.server.audit.RecordsUnavailable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@code policy explain ID} answers from: a port, kept by the store, for {@link #KEPT} and at
 * most {@link #MAX_ROWS} rows (the oldest go first).
 */
public interface DenialRecords {
    Duration KEPT = Duration.ofHours(24);
    int MAX_ROWS = 100_000;

    /** A denial and how often its edge was denied in the time kept. */
    record Found(DenialRow row, long sameEdgeCount, Instant sameEdgeFirstSeen) {}

    /**
     * Keeps these; ids already known are left as they are. One commit for the whole list.
     *
     * @throws RecordsUnavailable when they cannot be kept now
     */
    void record(List<DenialRow> rows);

    /**
     * The denial a caller was told about. An edge is caller, destination workload and port.
     *
     * @throws RecordsUnavailable when it cannot be read now
     */
    Optional<Found> byId(String id);
}
