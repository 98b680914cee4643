package dev.countersign.server.store;

import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.authority.IssuedLeaves;
import dev.countersign.server.authority.rotation.LiveLeaves;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which root stands above what was issued: intermediates in a table, leaves by their chains. */
final class StoredIssuedLeaves implements IssuedLeaves {
    private static final String PUT =
            "INSERT INTO intermediate (key_id, root_key_id, not_after) VALUES (?, ?, ?)"
                    + " ON CONFLICT DO NOTHING";

    /** Chains of intermediates that are not on record may still have leaves: those are all read. */
    private static final String LIVE =
            """
            SELECT COALESCE(i.root_key_id, '%s'), COUNT(*), MAX(c.not_after)
            FROM log_chain h JOIN certificate c ON c.chain = h.id
              LEFT JOIN intermediate i ON i.key_id = h.name
            WHERE (i.key_id IS NULL OR i.not_after > ?)
              AND c.not_after > ? AND c.outcome <> %d
            GROUP BY COALESCE(i.root_key_id, '%s')\
            """
                    .formatted(UNKNOWN_ROOT, Outcomes.code(Outcome.FAILED), UNKNOWN_ROOT);

    private static final String HOLDER =
            """
            SELECT c.identity FROM certificate c JOIN log_chain h ON h.id = c.chain
              LEFT JOIN intermediate i ON i.key_id = h.name
            WHERE c.not_after = ? AND c.outcome <> %d AND COALESCE(i.root_key_id, '%s') = ?
            LIMIT 1\
            """
                    .formatted(Outcomes.code(Outcome.FAILED), UNKNOWN_ROOT);

    private static final String LAST_INTERMEDIATE =
            "SELECT MAX(not_after) FROM intermediate WHERE root_key_id = ?";

    private final Connections connections;
    private final GroupCommit writer;
    private final Duration maxWait;

    StoredIssuedLeaves(Connections connections, GroupCommit writer, Duration maxWait) {
        this.connections = connections;
        this.writer = writer;
        this.maxWait = maxWait;
    }

    @Override
    public void intermediate(String keyId, String rootKeyId, Instant notAfter) {
        Work.perform(
                writer,
                maxWait.toNanos(),
                session -> {
                    PreparedStatement statement = session.prepare(PUT);
                    statement.setString(1, keyId);
                    statement.setString(2, rootKeyId);
                    statement.setLong(3, notAfter.toEpochMilli());
                    return statement.executeUpdate();
                });
    }

    @Override
    public Map<String, LiveLeaves> live(Instant at) {
        return connections.read(connection -> {
            Map<String, LiveLeaves> live = new HashMap<>();
            try (PreparedStatement statement = connection.prepareStatement(LIVE)) {
                statement.setLong(1, at.toEpochMilli());
                statement.setLong(2, at.toEpochMilli());
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        String root = rows.getString(1);
                        long last = rows.getLong(3);
                        live.put(
                                root,
                                new LiveLeaves(
                                        rows.getLong(2),
                                        Instant.ofEpochMilli(last),
                                        holder(connection, last, root)));
                    }
                }
            }
            return live;
        });
    }

    @Override
    public Optional<Instant> lastIntermediate(String rootKeyId) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LAST_INTERMEDIATE)) {
                statement.setString(1, rootKeyId);
                try (ResultSet rows = statement.executeQuery()) {
                    long last = rows.next() ? rows.getLong(1) : 0;
                    return last == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(last));
                }
            }
        });
    }

    private static String holder(Connection connection, long notAfter, String root)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HOLDER)) {
            statement.setLong(1, notAfter);
            statement.setString(2, root);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : "";
            }
        }
    }
}
