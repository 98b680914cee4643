package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.store.Batch.Numbered;
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

    private final BatchRows rows;
    private final Chains chains;
    private final Numbering numbering;
    private @Nullable Unsettled unsettled;

    EntryWriter(BatchRows rows, Chains chains, Numbering numbering) {
        this.rows = rows;
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
        List<Numbered> intents = batch.intents();
        if (rows.write(session, batch, heads) < 2 * intents.size()) {
            refuseConflicts(session, intents);
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
        Map<Ticket, Exception> refused = ConflictFinder.find(session, intents);
        if (!refused.isEmpty()) {
            session.rollback();
            throw new Conflict(refused);
        }
    }

    private static boolean landed(Map.Entry<ChainState, Head> move) {
        return move.getKey().head().equals(move.getValue());
    }
}
