package dev.countersign.server.store;

import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.store.EdgeWriter.Row;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Edges as agents reported them, for a month. {@link EdgeWriter} writes, {@link EdgeReader} reads. */
final class StoredEdges implements EdgeRecords {
    private static final String REPORTERS =
            "SELECT identity, instance, pod, first_report, last_report, ended FROM edge_reporter"
                    + " WHERE last_report >= ? ORDER BY identity, instance";
    private static final String LOSSES =
            "SELECT identity, cause, SUM(count), MAX(last) FROM edge_loss WHERE day >= ?"
                    + " GROUP BY identity, cause ORDER BY identity, cause";

    private final Connections connections;
    private final GroupCommit writer;
    private final Duration maxWait;
    private final InstantSource clock;
    private final EdgeWriter edges;

    StoredEdges(
            Connections connections,
            GroupCommit writer,
            Duration maxWait,
            InstantSource clock,
            EdgeWriter.Bounds bounds) {
        this.connections = connections;
        this.writer = writer;
        this.maxWait = maxWait;
        this.clock = clock;
        this.edges = new EdgeWriter(bounds);
    }

    @Override
    public void record(Reporter reporter, EdgeReport report) {
        Instant now = clock.instant();
        List<Row> rows = rows(reporter, report, now);
        Work.perform(
                writer,
                maxWait.toNanos(),
                session -> edges.write(session, reporter, report, rows, now));
    }

    @Override
    public void find(Query query, Consumer<ObservedEdge> found) {
        EdgeReader reader = new EdgeReader(query);
        connections.read(connection -> {
            reader.run(connection, found);
            return true;
        });
    }

    @Override
    public List<Reported> reporters(Instant since) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(REPORTERS)) {
                statement.setLong(1, since.toEpochMilli());
                List<Reported> reporters = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        reporters.add(
                                new Reported(
                                        rows.getString(1),
                                        rows.getString(2),
                                        rows.getString(3),
                                        Instant.ofEpochMilli(rows.getLong(4)),
                                        Instant.ofEpochMilli(rows.getLong(5)),
                                        rows.getInt(6) != 0));
                    }
                }
                return reporters;
            }
        });
    }

    @Override
    public List<Loss> losses(Instant since) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LOSSES)) {
                statement.setLong(1, EdgeWriter.day(since));
                List<Loss> losses = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        losses.add(
                                new Loss(
                                        rows.getString(1),
                                        Cause.valueOf(rows.getString(2)),
                                        rows.getLong(3),
                                        Instant.ofEpochMilli(rows.getLong(4))));
                    }
                }
                return losses;
            }
        });
    }

    /** Clears away what is past its month or over the bound. */
    int purge(WriterSession session) throws SQLException {
        return edges.purge(session, clock.instant());
    }

    /**
     * One row an edge: two of the same in a report are one. An agent's clock may be wrong; what it
     * saw lies between a month ago and now.
     */
    private static List<Row> rows(Reporter reporter, EdgeReport report, Instant now) {
        String identity = reporter.identity().toString();
        String inboundLabels = StoredLabels.text(reporter.labels());
        Map<ByteBuffer, Row> rows = new LinkedHashMap<>();
        for (ReportedEdge edge : report.edges()) {
            String labels =
                    switch (edge.direction()) {
                        case INBOUND -> inboundLabels;
                        case OUTBOUND -> "";
                    };
            ByteBuffer key = EdgeKey.of(identity, labels, edge);
            long first = clamp(edge.firstSeen(), now);
            Row row =
                    new Row(
                            key,
                            identity,
                            labels,
                            edge,
                            edge.count(),
                            first,
                            Math.max(first, clamp(edge.lastSeen(), now)));
            rows.merge(key, row, Row::and);
        }
        return List.copyOf(rows.values());
    }

    private static long clamp(Instant time, Instant now) {
        long latest = now.toEpochMilli();
        long earliest = now.minus(KEPT).toEpochMilli() + 1;
        return Math.clamp(time.toEpochMilli(), earliest, latest);
    }
}
