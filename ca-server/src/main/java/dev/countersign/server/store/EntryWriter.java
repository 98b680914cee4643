package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.Batch.Numbered;
import dev.countersign.server.store.Batch.Part;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a batch of entries in one commit: log rows, certificate rows and key bindings of intents,
 * outcomes, one step of each chain. Owned by the writer thread.
 */
final class EntryWriter {
    private static final Logger LOG = LoggerFactory.getLogger(EntryWriter.class);

    private static final MultiRow<Numbered> ENTRIES =
            MultiRow.insert(
                    "log_entry",
                    List.of("sequence", "chain", "batch", "type", "identity", "body"),
                    "",
                    EntryWriter::bindEntry);
    private static final MultiRow<Numbered> CERTIFICATES =
            MultiRow.insert(
                    "certificate",
                    List.of("sequence", "chain", "serial", "identity", "not_after", "outcome"),
                    " ON CONFLICT DO NOTHING",
                    EntryWriter::bindCertificate);
    private static final MultiRow<Numbered> KEYS =
            MultiRow.insert(
                    "key_binding",
                    List.of("key_hash", "sequence"),
                    " ON CONFLICT DO NOTHING",
                    EntryWriter::bindKey);
    private static final MultiRow<Long> ISSUED = outcome(Outcome.ISSUED);
    private static final MultiRow<Long> FAILED = outcome(Outcome.FAILED);
    private static final String ADD_BATCH =
            "INSERT INTO log_batch (chain, number, size, first, last, hash)"
                    + " VALUES (?, ?, ?, ?, ?, ?)";
    private static final String MOVE_HEAD =
            "UPDATE log_chain SET batches = ?, entries = ?, head = ?, issued = issued + ?,"
                    + " open_from = ? WHERE id = ? AND batches = ? AND head = ?";

    private final Chains chains;
    private final Numbering numbering;
    private @Nullable Unsettled unsettled;

    EntryWriter(Chains chains, Numbering numbering) {
        this.chains = chains;
        this.numbering = numbering;
    }

    /** A batch whose commit neither succeeded nor failed for certain. */
    private record Unsettled(Batch batch, Map<ChainState, Head> heads) {}

    /**
     * Takes up work with a new session.
     *
     * @return the batch of the last failed attempt, if it turns out to be in the database
     */
    @Nullable Batch reload(WriterSession session) throws SQLException {
        numbering.reload(session);
        chains.reload(session);
        Unsettled attempt = unsettled;
        unsettled = null;
        if (attempt == null || !attempt.heads().entrySet().stream().allMatch(EntryWriter::landed)) {
            return null;
        }
        attempt.batch().apply(attempt.heads());
        return attempt.batch();
    }

    /**
     * Writes and commits.
     *
     * @return the entries as they are in the log, in order
     * @throws Conflict when some entries can never be written; nothing was
     * @throws SQLException when nothing was written, or nobody knows: discard the session and reload
     */
    List<Numbered> write(WriterSession session, List<Ticket> tickets)
            throws SQLException, Conflict {
        Batch batch = number(session, tickets);
        if (batch.isEmpty()) {
            return List.of();
        }
        Map<ChainState, Head> heads = new LinkedHashMap<>();
        batch.parts().forEach(part -> heads.put(part.chain(), part.next()));
        session.begin();
        ENTRIES.write(session, batch.entries());
        List<Numbered> intents = batch.intents();
        int certificates = CERTIFICATES.write(session, intents);
        int keys = KEYS.write(session, intents);
        if (certificates < intents.size() || keys < intents.size()) {
            refuseConflicts(session, intents);
        }
        ISSUED.write(session, batch.concluded(Outcome.ISSUED));
        FAILED.write(session, batch.concluded(Outcome.FAILED));
        for (Part part : batch.parts()) {
            advance(session, part, heads.get(part.chain()));
        }
        unsettled = new Unsettled(batch, heads);
        session.commit();
        unsettled = null;
        batch.apply(heads);
        return batch.entries();
    }

    private Batch number(WriterSession session, List<Ticket> tickets) throws SQLException {
        List<Ticket> kept = new ArrayList<>(tickets.size());
        List<ChainState> states = new ArrayList<>(tickets.size());
        for (Ticket ticket : tickets) {
            ChainState chain = chains.writable(session, ticket.entry().chain());
            if (hasIntent(chain, ticket.entry())) {
                kept.add(ticket);
                states.add(chain);
            }
        }
        long sequence = numbering.take(session, kept.size());
        Batch batch = new Batch();
        for (int i = 0; i < kept.size(); i++) {
            batch.add(kept.get(i), sequence + i, states.get(i));
        }
        return batch;
    }

    private static boolean hasIntent(ChainState chain, NewEntry entry) {
        if (entry instanceof NewEntry.Conclusion conclusion
                && chain.openIntent(conclusion.intent().serial()) == null) {
            LOG.atError()
                    .addKeyValue("serial", conclusion.intent().serial())
                    .addKeyValue("outcome", conclusion.outcome())
                    .log("outcome without an open intent, not recorded");
            return false;
        }
        return true;
    }

    private static void refuseConflicts(WriterSession session, List<Numbered> intents)
            throws SQLException, Conflict {
        Map<Ticket, AuditUnavailable> refused = ConflictFinder.find(session, intents);
        if (!refused.isEmpty()) {
            session.rollback();
            throw new Conflict(refused);
        }
    }

    private static void advance(WriterSession session, Part part, @Nullable Head next)
            throws SQLException {
        if (next == null) {
            throw new IllegalStateException("a part without a head");
        }
        ChainState chain = part.chain();
        PreparedStatement add = session.prepare(ADD_BATCH);
        add.setLong(1, chain.number());
        add.setLong(2, next.batches());
        add.setLong(3, part.size());
        add.setLong(4, part.first());
        add.setLong(5, part.last());
        add.setString(6, next.hash());
        add.executeUpdate();
        PreparedStatement move = session.prepare(MOVE_HEAD);
        move.setLong(1, next.batches());
        move.setLong(2, next.entries());
        move.setString(3, next.hash());
        move.setLong(4, part.issued());
        // As of before this batch: a lower bound is right, and known without looking ahead.
        move.setLong(5, chain.openFrom(part.first()));
        move.setLong(6, chain.number());
        move.setLong(7, chain.head().batches());
        move.setString(8, chain.head().hash());
        if (move.executeUpdate() != 1) {
            throw new SQLException(
                    "log chain %s: head is not %s any more"
                            .formatted(chain.name(), chain.head().hash()));
        }
    }

    private static boolean landed(Map.Entry<ChainState, Head> move) {
        return move.getKey().head().equals(move.getValue());
    }

    private static MultiRow<Long> outcome(Outcome outcome) {
        return MultiRow.keys(
                "UPDATE certificate SET outcome = "
                        + Outcomes.code(outcome)
                        + " WHERE sequence IN");
    }

    private static int bindEntry(PreparedStatement statement, int at, Numbered row)
            throws SQLException {
        statement.setLong(at, row.sequence());
        statement.setLong(at + 1, row.chain().number());
        statement.setLong(at + 2, row.batch());
        statement.setString(at + 3, row.ticket().entry().body().type());
        statement.setString(at + 4, row.ticket().entry().body().identity());
        statement.setString(at + 5, row.ticket().entry().body().json());
        return at + 6;
    }

    private static int bindCertificate(PreparedStatement statement, int at, Numbered row)
            throws SQLException {
        NewEntry.Intent intent = intentOf(row);
        statement.setLong(at, row.sequence());
        statement.setLong(at + 1, row.chain().number());
        statement.setBytes(at + 2, intent.serial());
        statement.setString(at + 3, row.ticket().entry().body().identity());
        statement.setLong(at + 4, intent.intent().notAfter().toEpochMilli());
        statement.setInt(at + 5, Outcomes.code(Outcome.INTENDED));
        return at + 6;
    }

    private static int bindKey(PreparedStatement statement, int at, Numbered row)
            throws SQLException {
        statement.setBytes(at, intentOf(row).keyHash());
        statement.setLong(at + 1, row.sequence());
        return at + 2;
    }

    private static NewEntry.Intent intentOf(Numbered row) {
        if (row.ticket().entry() instanceof NewEntry.Intent intent) {
            return intent;
        }
        throw new IllegalStateException("not an intent");
    }
}
