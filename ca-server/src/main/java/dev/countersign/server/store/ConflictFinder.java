package dev.countersign.server.store;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.KeyTaken;
import dev.countersign.server.store.Batch.Numbered;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says which intents of a batch cannot stand, after an insert left rows out: a serial that was used
 * before, or a key that another identity's intent bound first, in this batch or at another server. A
 * key that comes back under its own identity is a conflict only where a new one is asked for. Rare, so it asks row by row.
 */
final class ConflictFinder {
    private static final String BY_SERIAL =
            "SELECT sequence FROM certificate WHERE chain = ? AND serial = ?";
    private static final String BY_KEY =
            "SELECT e.identity, k.sequence FROM key_binding k JOIN log_entry e ON e.sequence = k.sequence"
                    + " WHERE k.key_hash = ?";

    private ConflictFinder() {}

    static Map<Ticket, Exception> find(WriterSession session, List<Numbered> intents)
            throws SQLException {
        Map<Ticket, Exception> refused = new HashMap<>();
        for (Numbered row : intents) {
            if (!(row.ticket().entry() instanceof NewEntry.Intent entry)) {
                continue;
            }
            IssuanceIntent intent = entry.intent();
            if (!ownsSerial(session, row, entry)) {
                refused.put(
                        row.ticket(),
                        new AuditUnavailable(
                                "serial: " + intent.serial() + " (expected: never used)"));
            } else {
                keyTaken(session, row, entry).ifPresent(taken -> refused.put(row.ticket(), taken));
            }
        }
        return refused;
    }

    private static boolean ownsSerial(WriterSession session, Numbered row, NewEntry.Intent entry)
            throws SQLException {
        PreparedStatement statement = session.prepare(BY_SERIAL);
        statement.setLong(1, row.chain().number());
        statement.setBytes(2, entry.serial());
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() && rows.getLong(1) == row.sequence();
        }
    }

    private static Optional<KeyTaken> keyTaken(
            WriterSession session, Numbered row, NewEntry.Intent entry) throws SQLException {
        PreparedStatement statement = session.prepare(BY_KEY);
        statement.setBytes(1, entry.keyHash());
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("key binding: gone (expected: kept as long as the log)");
            }
            boolean keeps =
                    switch (entry.rule()) {
                        case OWN -> rows.getString(1).equals(entry.body().identity());
                        case NEW -> rows.getLong(2) == row.sequence();
                    };
            return keeps
                    ? Optional.empty()
                    : Optional.of(new KeyTaken(SpiffeId.parse(rows.getString(1))));
        }
    }
}
