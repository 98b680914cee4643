package dev.countersign.server.store;

import dev.countersign.server.distribution.DenialRecords;
import dev.countersign.server.distribution.DenialRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Denials as agents reported them, for a day. Texts come from callers, so they are cut and cleaned. */
final class StoredDenials implements DenialRecords {
    private static final List<String> COLUMNS =
            List.of(
                    "id",
                    "received",
                    "first_seen",
                    "count",
                    "source_principal",
                    "source_address",
                    "destination_namespace",
                    "destination_service_account",
                    "destination_port",
                    "protocol",
                    "method",
                    "host",
                    "path",
                    "revision",
                    "reason",
                    "policy",
                    "rule",
                    "explanation",
                    "agent_instance");

    /** A running total; another caller's denial under a known id changes nothing. */
    private static final String ON_CONFLICT =
            """
             ON CONFLICT (id) DO UPDATE SET count = CASE
              WHEN excluded.count > denial.count
               AND excluded.source_principal = denial.source_principal
               AND excluded.agent_instance = denial.agent_instance
              THEN excluded.count ELSE denial.count END\
            """;

    private static final String BY_ID =
            "SELECT " + String.join(", ", COLUMNS) + " FROM denial WHERE id = ? AND received > ?";
    private static final String SAME_EDGE =
            """
            SELECT SUM(count), MIN(first_seen) FROM denial
            WHERE source_principal = ? AND destination_namespace = ?
              AND destination_service_account = ? AND destination_port = ? AND received > ?\
            """;
    private static final String EXPIRE = "DELETE FROM denial WHERE received <= ?";
    private static final String TRIM =
            """
            DELETE FROM denial WHERE id IN (
              SELECT id FROM denial ORDER BY received DESC, id LIMIT ? OFFSET ?)\
            """;
    private static final int TRIM_AT_ONCE = 10_000;
    private static final int MAX_TEXT = 2048;
    private static final int MAX_EXPLANATION = 8192;

    private final Connections connections;
    private final GroupCommit writer;
    private final Duration maxWait;
    private final InstantSource clock;
    private final int maxRows;
    private final MultiRow<DenialRow> insert;

    StoredDenials(
            Connections connections,
            GroupCommit writer,
            Duration maxWait,
            InstantSource clock,
            int maxRows) {
        this.connections = connections;
        this.writer = writer;
        this.maxWait = maxWait;
        this.clock = clock;
        this.maxRows = maxRows;
        this.insert = MultiRow.insert("denial", COLUMNS, ON_CONFLICT, this::bind);
    }

    @Override
    public void record(List<DenialRow> rows) {
        // One statement may touch a row once: of one id the latest total is enough.
        Map<String, DenialRow> latest = new LinkedHashMap<>();
        rows.forEach(row -> latest.merge(row.id(), row, (a, b) -> b.count() > a.count() ? b : a));
        if (!latest.isEmpty()) {
            List<DenialRow> distinct = List.copyOf(latest.values());
            Work.perform(writer, maxWait.toNanos(), session -> insert.write(session, distinct));
        }
    }

    @Override
    public Optional<Found> byId(String id) {
        long since = clock.instant().minus(KEPT).toEpochMilli();
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(BY_ID)) {
                statement.setString(1, text(id, MAX_TEXT));
                statement.setLong(2, since);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next()
                            ? Optional.of(found(connection, row(rows), since))
                            : Optional.empty();
                }
            }
        });
    }

    /** Clears away what is past its day or over the bound. */
    int purge(WriterSession session) throws SQLException {
        PreparedStatement expire = session.prepare(EXPIRE);
        expire.setLong(1, clock.instant().minus(KEPT).toEpochMilli());
        int gone = expire.executeUpdate();
        PreparedStatement trim = session.prepare(TRIM);
        trim.setInt(1, TRIM_AT_ONCE);
        trim.setInt(2, maxRows);
        return gone + trim.executeUpdate();
    }

    private static Found found(Connection connection, DenialRow row, long since)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAME_EDGE)) {
            statement.setString(1, row.sourcePrincipal());
            statement.setString(2, row.destinationNamespace());
            statement.setString(3, row.destinationServiceAccount());
            statement.setInt(4, row.destinationPort());
            statement.setLong(5, since);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return new Found(row, rows.getLong(1), Instant.ofEpochMilli(rows.getLong(2)));
            }
        }
    }

    private int bind(PreparedStatement statement, int first, DenialRow row) throws SQLException {
        int at = first;
        statement.setString(at++, text(row.id(), MAX_TEXT));
        statement.setLong(at++, clock.millis());
        statement.setLong(at++, row.firstSeen().toEpochMilli());
        statement.setLong(at++, row.count());
        statement.setString(at++, text(row.sourcePrincipal(), MAX_TEXT));
        statement.setString(at++, text(row.sourceAddress(), MAX_TEXT));
        statement.setString(at++, text(row.destinationNamespace(), MAX_TEXT));
        statement.setString(at++, text(row.destinationServiceAccount(), MAX_TEXT));
        statement.setInt(at++, row.destinationPort());
        statement.setString(at++, text(row.protocol(), MAX_TEXT));
        statement.setString(at++, text(row.method(), MAX_TEXT));
        statement.setString(at++, text(row.host(), MAX_TEXT));
        statement.setString(at++, text(row.path(), MAX_TEXT));
        statement.setLong(at++, row.revision());
        statement.setString(at++, text(row.reason(), MAX_TEXT));
        statement.setString(at++, text(row.policy(), MAX_TEXT));
        statement.setInt(at++, row.rule());
        statement.setString(at++, text(row.explanation(), MAX_EXPLANATION));
        statement.setString(at++, text(row.agentInstance(), MAX_TEXT));
        return at;
    }

    private static DenialRow row(ResultSet rows) throws SQLException {
        return new DenialRow(
                rows.getString("id"),
                Instant.ofEpochMilli(rows.getLong("first_seen")),
                rows.getLong("count"),
                rows.getString("source_principal"),
                rows.getString("source_address"),
                rows.getString("destination_namespace"),
                rows.getString("destination_service_account"),
                rows.getInt("destination_port"),
                rows.getString("protocol"),
                rows.getString("method"),
                rows.getString("host"),
                rows.getString("path"),
                rows.getLong("revision"),
                rows.getString("reason"),
                rows.getString("policy"),
                rows.getInt("rule"),
                rows.getString("explanation"),
                rows.getString("agent_instance"));
    }

    /** PostgreSQL refuses U+0000, and both refuse half a surrogate pair in their own way. */
    private static String text(String value, int max) {
        String cut = value.length() <= max ? value : value.substring(0, max);
        StringBuilder clean = new StringBuilder(cut.length());
        cut.codePoints()
                .map(c -> c == 0 || Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
