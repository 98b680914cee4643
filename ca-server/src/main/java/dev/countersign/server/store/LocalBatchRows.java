package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.Batch.Numbered;
import dev.countersign.server.store.Batch.Part;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Statements one by one, of many rows each: for a database in this process, where asking is cheap. */
final class LocalBatchRows implements BatchRows {
    private static final MultiRow<Numbered> ENTRIES =
            MultiRow.insert(
                    "log_entry",
                    List.of("sequence", "chain", "batch", "type", "identity", "body"),
                    "",
                    LocalBatchRows::bindEntry);
    private static final MultiRow<Numbered> CERTIFICATES =
            MultiRow.insert(
                    "certificate",
                    List.of(
                            "sequence",
                            "chain",
                            "serial",
                            "identity",
                            "not_after",
                            "outcome",
                            "pod",
                            "intended"),
                    " ON CONFLICT DO NOTHING",
                    LocalBatchRows::bindCertificate);
    private static final MultiRow<Numbered> KEYS =
            MultiRow.insert(
                    "key_binding",
                    List.of("key_hash", "sequence"),
                    " ON CONFLICT DO NOTHING",
                    LocalBatchRows::bindKey);
    private static final MultiRow<Long> ISSUED = outcome(Outcome.ISSUED);
    private static final MultiRow<Long> FAILED = outcome(Outcome.FAILED);
    private static final String ADD_BATCH =
            "INSERT INTO log_batch (chain, number, size, first, last, hash)"
                    + " VALUES (?, ?, ?, ?, ?, ?)";
    private static final String MOVE_HEAD =
            "UPDATE log_chain SET batches = ?, entries = ?, head = ?, issued = issued + ?,"
                    + " open_from = ? WHERE id = ? AND batches = ? AND head = ?";

    @Override
    public int write(WriterSession session, Batch batch, Map<ChainState, Head> heads)
            throws SQLException {
        ENTRIES.write(session, batch.entries());
        List<Numbered> intents = batch.intents();
        int written = CERTIFICATES.write(session, intents) + KEYS.write(session, intents);
        ISSUED.write(session, batch.concluded(Outcome.ISSUED));
        FAILED.write(session, batch.concluded(Outcome.FAILED));
        for (Part part : batch.parts()) {
            advance(session, part, BatchRows.head(heads, part));
        }
        return written;
    }

    private static void advance(WriterSession session, Part part, Head next) throws SQLException {
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
            throw BatchRows.moved(chain);
        }
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
        NewEntry.Intent intent = row.intent();
        statement.setLong(at, row.sequence());
        statement.setLong(at + 1, row.chain().number());
        statement.setBytes(at + 2, intent.serial());
        statement.setString(at + 3, row.ticket().entry().body().identity());
        statement.setLong(at + 4, intent.intent().notAfter().toEpochMilli());
        statement.setInt(at + 5, Outcomes.code(Outcome.INTENDED));
        statement.setString(at + 6, intent.intent().podUid());
        statement.setLong(at + 7, intent.intent().at().toEpochMilli());
        return at + 8;
    }

    private static int bindKey(PreparedStatement statement, int at, Numbered row)
            throws SQLException {
        statement.setBytes(at, row.intent().keyHash());
        statement.setLong(at + 1, row.sequence());
        return at + 2;
    }
}
