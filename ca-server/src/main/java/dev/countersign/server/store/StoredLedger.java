package dev.countersign.server.store;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceLedger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What was issued: found in the certificates table, told from the log. */
final class StoredLedger implements IssuanceLedger {
    private static final int MAX_PAGE = 1000;
    private static final String PAGE =
            """
            SELECT c.sequence, c.outcome, e.body
            FROM certificate c JOIN log_entry e ON e.sequence = c.sequence
            WHERE c.sequence < ?\
            """;
    private static final String BY_SERIAL =
            """
            SELECT c.sequence, c.outcome, e.body
            FROM log_chain h JOIN certificate c ON c.chain = h.id
              JOIN log_entry e ON e.sequence = c.sequence
            WHERE h.name = ? AND c.serial = ?\
            """;
    private static final String KEY_OWNER =
            "SELECT e.identity FROM key_binding k JOIN log_entry e ON e.sequence = k.sequence"
                    + " WHERE k.key_hash = ?";

    private final Connections connections;

    StoredLedger(Connections connections) {
        this.connections = connections;
    }

    @Override
    public List<Entry> certificates(
            Optional<SpiffeId> identity,
            Optional<Instant> validAt,
            long beforeSequence,
            int limit) {
        String sql =
                PAGE
                        + (identity.isPresent() ? " AND c.identity = ?" : "")
                        + (validAt.isPresent() ? " AND c.not_after > ?" : "")
                        + " ORDER BY c.sequence DESC LIMIT ?";
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                int at = 1;
                statement.setLong(at++, beforeSequence);
                if (identity.isPresent()) {
                    statement.setString(at++, identity.get().toString());
                }
                if (validAt.isPresent()) {
                    statement.setLong(at++, validAt.get().toEpochMilli());
                }
                statement.setInt(at, Math.clamp(limit, 1, MAX_PAGE));
                return entries(statement);
            }
        });
    }

    @Override
    public Optional<SpiffeId> identityOfKey(String publicKeyHash) {
        byte[] hash = HexFormat.of().parseHex(publicKeyHash);
        return connections.lookUp(
                KEY_OWNER,
                statement -> {
                    statement.setBytes(1, hash);
                    try (ResultSet rows = statement.executeQuery()) {
                        return rows.next()
                                ? Optional.of(SpiffeId.parse(rows.getString(1)))
                                : Optional.empty();
                    }
                });
    }

    @Override
    public Optional<Entry> bySerial(String issuerKeyId, String serial) {
        return connections.lookUp(
                BY_SERIAL,
                statement -> {
                    statement.setString(1, issuerKeyId);
                    statement.setBytes(2, Serials.bytes(serial));
                    return entries(statement).stream().findFirst();
                });
    }

    @Override
    public long issuedCount() {
        return connections.read(
                connection -> count(connection, "SELECT SUM(issued) FROM log_chain"));
    }

    static long count(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private static List<Entry> entries(PreparedStatement statement) throws SQLException {
        List<Entry> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(
                        new Entry(
                                EntryBody.parse(rows.getString(3)).intent(),
                                Outcomes.of(rows.getInt(2)),
                                rows.getLong(1)));
            }
        }
        return found;
    }
}
