package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.store.Batch.Numbered;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says which intents of a batch cannot stand, after an insert left rows out: a serial that was used
 * before, or a key that another identity's intent bound first, in this batch or at another server. A
 * key that comes back under its own identity is no conflict. Rare, so it asks row by row.
 */
final class ConflictFinder {
    private static final String BY_SERIAL =
            "SELECT sequence FROM certificate WHERE chain = ? AND serial = ?";
    private static final String BY_KEY =
            "SELECT e.identity FROM key_binding k JOIN log_entry e ON e.sequence = k.sequence"
                    + " WHERE k.key_hash = ?";

    private ConflictFinder() {}

    static Map<Ticket, AuditUnavailable> find(WriterSession session, List<Numbered> intents)
            throws SQLException {
        Map<Ticket, AuditUnavailable> refused = new HashMap<>();
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
            } else if (!ownsKey(session, entry)) {
                refused.put(
                        row.ticket(),
                        new AuditUnavailable(
                                "public key: bound to another identity meanwhile, ask again"));
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

    private static boolean ownsKey(WriterSession session, NewEntry.Intent entry)
            throws SQLException {
        PreparedStatement statement = session.prepare(BY_KEY);
        statement.setBytes(1, entry.keyHash());
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() && rows.getString(1).equals(entry.body().identity());
        }
    }
}
