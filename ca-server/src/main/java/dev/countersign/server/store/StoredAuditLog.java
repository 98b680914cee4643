package dev.countersign.server.store;

import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.EntryBody;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The log as people read it. */
final class StoredAuditLog implements AuditLog {
    private static final int MAX_PAGE = 1000;
    private static final String SELECT =
            """
            SELECT e.sequence, h.name, e.type, e.identity, e.body, b.hash
            FROM log_entry e JOIN log_chain h ON h.id = e.chain
              JOIN log_batch b ON b.chain = e.chain AND b.number = e.batch
            WHERE e.sequence\
            """;

    private final Connections connections;

    StoredAuditLog(Connections connections) {
        this.connections = connections;
    }

    @Override
    public List<LogEntry> entries(
            Optional<String> identity, Optional<String> type, long beforeSequence, int limit) {
        String sql =
                SELECT
                        + " < ?"
                        + (identity.isPresent() ? " AND e.identity = ?" : "")
                        + (type.isPresent() ? " AND e.type = ?" : "")
                        + " ORDER BY e.sequence DESC LIMIT ?";
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                int at = 1;
                statement.setLong(at++, beforeSequence);
                if (identity.isPresent()) {
                    statement.setString(at++, identity.get());
                }
                if (type.isPresent()) {
                    statement.setString(at++, type.get());
                }
                statement.setInt(at, Math.clamp(limit, 1, MAX_PAGE));
                return entries(statement);
            }
        });
    }

    @Override
    public Optional<LogEntry> entry(long sequence) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(SELECT + " = ?")) {
                statement.setLong(1, sequence);
                return entries(statement).stream().findFirst();
            }
        });
    }

    @Override
    public long entryCount() {
        return connections.read(
                connection -> StoredLedger.count(connection, "SELECT SUM(entries) FROM log_chain"));
    }

    private static List<LogEntry> entries(PreparedStatement statement) throws SQLException {
        List<LogEntry> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(entry(rows));
            }
        }
        return found;
    }

    private static LogEntry entry(ResultSet rows) throws SQLException {
        String text = rows.getString(5);
        EntryBody.Parsed body = EntryBody.parse(text);
        String serial = body.text("serial");
        return new LogEntry(
                rows.getLong(1),
                rows.getString(2),
                body.at(),
                rows.getString(3),
                rows.getString(4),
                body.text("podUid"),
                serial.isEmpty() ? body.fact("serial") : serial,
                text,
                rows.getString(6));
    }
}
