package dev.countersign.server.store;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.EdgeRecords.Cause;
import dev.countersign.server.distribution.EdgeRecords.Reporter;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one report changes, in one transaction; and what time clears away. */
final class EdgeWriter {
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    private static final int TRIM_AT_ONCE = 10_000;

    private static final String SEQUENCE =
            "SELECT sequence FROM edge_reporter WHERE identity = ? AND instance = ?";
    private static final String REPORTED =
            """
            INSERT INTO edge_reporter
              (identity, instance, pod, sequence, first_report, last_report, ended)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (identity, instance) DO UPDATE SET
              pod = excluded.pod, sequence = excluded.sequence,
              last_report = excluded.last_report, ended = excluded.ended\
            """;
    private static final String FORGET_REPORTERS =
            """
            DELETE FROM edge_reporter WHERE identity = ? AND instance IN (
              SELECT instance FROM edge_reporter WHERE identity = ?
              ORDER BY last_report DESC, instance LIMIT ? OFFSET ?)\
            """;
    private static final String HELD = "SELECT COUNT(*) FROM edge WHERE reporter = ?";
    private static final String KNOWN = "SELECT id FROM edge WHERE reporter = ?";
    private static final String LOST =
            """
            INSERT INTO edge_loss (identity, cause, day, count, last) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (identity, cause, day) DO UPDATE SET
              count = edge_loss.count + excluded.count, last = excluded.last\
            """;
    private static final List<String> EDGE_COLUMNS =
            List.of(
                    "id",
                    "reporter",
                    "direction",
                    "peer",
                    "peer_address",
                    "labels",
                    "port",
                    "http",
                    "method",
                    "path",
                    "allowed",
                    "policy",
                    "rule",
                    "dry_run",
                    "dry_run_policy",
                    "dry_run_rule",
                    "tls",
                    "last_seen");
    private static final String SEEN_AGAIN =
            " ON CONFLICT (id) DO UPDATE SET last_seen = CASE"
                    + " WHEN excluded.last_seen > edge.last_seen THEN excluded.last_seen"
                    + " ELSE edge.last_seen END";
    private static final List<String> DAY_COLUMNS =
            List.of("edge", "day", "count", "first_seen", "last_seen");
    private static final String COUNT =
            " ON CONFLICT (edge, day) DO UPDATE SET"
                    + " count = edge_day.count + excluded.count,"
                    + " first_seen = CASE WHEN excluded.first_seen < edge_day.first_seen"
                    + " THEN excluded.first_seen ELSE edge_day.first_seen END,"
                    + " last_seen = CASE WHEN excluded.last_seen > edge_day.last_seen"
                    + " THEN excluded.last_seen ELSE edge_day.last_seen END";
    private static final String EXPIRE_DAYS = "DELETE FROM edge_day WHERE day < ?";
    private static final String EXPIRE_EDGES = "DELETE FROM edge WHERE last_seen < ?";
    private static final String EXPIRE_REPORTERS =
            "DELETE FROM edge_reporter WHERE last_report < ?";
    private static final String EXPIRE_LOSSES = "DELETE FROM edge_loss WHERE day < ?";
    private static final String TRIM =
            "DELETE FROM edge WHERE id IN"
                    + " (SELECT id FROM edge ORDER BY last_seen DESC, id LIMIT ? OFFSET ?)";
    private static final String ORPHANS =
            "DELETE FROM edge_day WHERE NOT EXISTS"
                    + " (SELECT 1 FROM edge WHERE edge.id = edge_day.edge)";

    private final Bounds bounds;
    private final MultiRow<Row> insertEdges =
            MultiRow.insert("edge", EDGE_COLUMNS, SEEN_AGAIN, EdgeWriter::bindEdge);
    private final MultiRow<Row> insertDays =
            MultiRow.insert("edge_day", DAY_COLUMNS, COUNT, EdgeWriter::bindDay);

    EdgeWriter(Bounds bounds) {
        this.bounds = bounds;
    }

    /** How much is kept. */
    record Bounds(int edges, int edgesOfOne, int reportersOfOne) {
        static Bounds standard() {
            return new Bounds(
                    EdgeRecords.MAX_EDGES,
                    EdgeRecords.MAX_EDGES_OF_ONE,
                    EdgeRecords.MAX_REPORTERS_OF_ONE);
        }
    }

    /** An edge of a report, and when and how often it was seen. */
    record Row(
            ByteBuffer id,
            String reporter,
            String labels,
            ReportedEdge edge,
            long count,
            long first,
            long last) {
        Row and(Row other) {
            return new Row(
                    id,
                    reporter,
                    labels,
                    edge,
                    count + other.count,
                    Math.min(first, other.first),
                    Math.max(last, other.last));
        }
    }

    static long day(Instant time) {
        return Math.floorDiv(time.toEpochMilli(), DAY_MILLIS);
    }

    /** False when this report is on record already. */
    boolean write(
            WriterSession session,
            Reporter reporter,
            EdgeReport report,
            List<Row> rows,
            Instant now)
            throws SQLException {
        String identity = reporter.identity().toString();
        long held = sequence(session, identity, reporter.instance());
        if (report.sequence() <= held) {
            return false;
        }
        reported(session, reporter, report, now);
        if (held == 0) {
            forgetReporters(session, identity);
        }
        lost(session, identity, Cause.AGENT_TABLE, report.overflowed(), now);
        List<Row> kept = withinBound(session, identity, rows, now);
        insertEdges.write(session, kept);
        insertDays.write(session, kept);
        return true;
    }

    int purge(WriterSession session, Instant now) throws SQLException {
        Instant before = now.minus(EdgeRecords.KEPT);
        int gone = delete(session, EXPIRE_DAYS, day(before));
        gone += delete(session, EXPIRE_EDGES, before.toEpochMilli());
        gone += delete(session, EXPIRE_REPORTERS, before.toEpochMilli());
        gone += delete(session, EXPIRE_LOSSES, day(before));
        PreparedStatement trim = session.prepare(TRIM);
        trim.setInt(1, TRIM_AT_ONCE);
        trim.setInt(2, bounds.edges());
        int trimmed = trim.executeUpdate();
        lost(session, "", Cause.STORE_BOUND, trimmed, now);
        if (gone + trimmed > 0) {
            gone += session.prepare(ORPHANS).executeUpdate();
        }
        return gone + trimmed;
    }

    private static long sequence(WriterSession session, String identity, String instance)
            throws SQLException {
        PreparedStatement query = session.prepare(SEQUENCE);
        query.setString(1, identity);
        query.setString(2, instance);
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private static void reported(
            WriterSession session, Reporter reporter, EdgeReport report, Instant now)
            throws SQLException {
        PreparedStatement upsert = session.prepare(REPORTED);
        upsert.setString(1, reporter.identity().toString());
        upsert.setString(2, reporter.instance());
        upsert.setString(3, reporter.pod());
        upsert.setLong(4, report.sequence());
        upsert.setLong(5, now.toEpochMilli());
        upsert.setLong(6, now.toEpochMilli());
        upsert.setInt(7, report.last() ? 1 : 0);
        upsert.executeUpdate();
    }

    private void forgetReporters(WriterSession session, String identity) throws SQLException {
        PreparedStatement delete = session.prepare(FORGET_REPORTERS);
        delete.setString(1, identity);
        delete.setString(2, identity);
        delete.setInt(3, TRIM_AT_ONCE);
        delete.setInt(4, bounds.reportersOfOne());
        delete.executeUpdate();
    }

    private static void lost(
            WriterSession session, String identity, Cause cause, long count, Instant now)
            throws SQLException {
        if (count == 0) {
            return;
        }
        PreparedStatement upsert = session.prepare(LOST);
        upsert.setString(1, identity);
        upsert.setString(2, cause.name());
        upsert.setLong(3, day(now));
        upsert.setLong(4, count);
        upsert.setLong(5, now.toEpochMilli());
        upsert.executeUpdate();
    }

    /** The edges that have room; what has none is counted. */
    private List<Row> withinBound(
            WriterSession session, String identity, List<Row> rows, Instant now)
            throws SQLException {
        int room = bounds.edgesOfOne() - held(session, identity);
        if (room >= rows.size()) {
            return rows;
        }
        Set<ByteBuffer> known = known(session, identity);
        List<Row> kept = new ArrayList<>();
        long beyond = 0;
        for (Row row : rows) {
            if (known.contains(row.id())) {
                kept.add(row);
            } else if (room > 0) {
                kept.add(row);
                room--;
            } else {
                beyond += row.count();
            }
        }
        lost(session, identity, Cause.IDENTITY_BOUND, beyond, now);
        return kept;
    }

    private static int held(WriterSession session, String identity) throws SQLException {
        PreparedStatement query = session.prepare(HELD);
        query.setString(1, identity);
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    private static Set<ByteBuffer> known(WriterSession session, String identity)
            throws SQLException {
        PreparedStatement query = session.prepare(KNOWN);
        query.setString(1, identity);
        Set<ByteBuffer> known = new HashSet<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                known.add(ByteBuffer.wrap(rows.getBytes(1)));
            }
        }
        return known;
    }

    private static int delete(WriterSession session, String sql, long before) throws SQLException {
        PreparedStatement delete = session.prepare(sql);
        delete.setLong(1, before);
        return delete.executeUpdate();
    }

    private static int bindEdge(PreparedStatement statement, int first, Row row)
            throws SQLException {
        ReportedEdge edge = row.edge();
        int at = first;
        statement.setBytes(at++, row.id().array());
        statement.setString(at++, row.reporter());
        statement.setInt(at++, edge.direction() == EdgeDirection.INBOUND ? 0 : 1);
        statement.setString(at++, edge.peer());
        statement.setString(at++, edge.peerAddress());
        statement.setString(at++, row.labels());
        statement.setInt(at++, edge.port());
        statement.setInt(at++, edge.http() ? 1 : 0);
        statement.setString(at++, edge.method());
        statement.setString(at++, edge.path());
        statement.setInt(at++, edge.ruling().allowed() ? 1 : 0);
        statement.setString(at++, edge.ruling().policy());
        statement.setInt(at++, edge.ruling().rule());
        Optional<Ruling> dryRun = edge.dryRun();
        statement.setInt(at++, dryRun.map(ruling -> ruling.allowed() ? 2 : 1).orElse(0));
        statement.setString(at++, dryRun.map(Ruling::policy).orElse(""));
        statement.setInt(at++, dryRun.map(Ruling::rule).orElse(-1));
        statement.setInt(at++, edge.tls() == EdgeTls.MTLS ? 1 : 0);
        statement.setLong(at++, row.last());
        return at;
    }

    private static int bindDay(PreparedStatement statement, int first, Row row)
            throws SQLException {
        statement.setBytes(first, row.id().array());
        statement.setLong(first + 1, day(Instant.ofEpochMilli(row.last())));
        statement.setLong(first + 2, row.count());
        statement.setLong(first + 3, row.first());
        statement.setLong(first + 4, row.last());
        return first + 5;
    }
}
