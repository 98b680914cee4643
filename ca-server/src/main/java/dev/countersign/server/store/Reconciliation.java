package dev.countersign.server.store;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Intents of processes that are gone and left no outcome: their certificates may exist, so they
 * become UNKNOWN, each with an INTENT_RECONCILED entry. The entry comes first and the row after, so
 * a crash in between repeats an entry and never leaves an UNKNOWN that the log does not know.
 */
final class Reconciliation {
    private static final int PAGE = 256;
    private static final String DEAD_CHAINS =
            "SELECT id, name, process, open_from FROM log_chain WHERE process <> ?"
                    + " AND open_from >= 0 AND entries > 0";
    private static final String OPEN =
            """
            SELECT c.sequence, e.body FROM certificate c JOIN log_entry e ON e.sequence = c.sequence
            WHERE c.chain = ? AND c.sequence >= ? AND c.outcome = 0
            ORDER BY c.sequence LIMIT ?\
            """;
    private static final MultiRow<Long> UNKNOWN =
            MultiRow.keys(
                    "UPDATE certificate SET outcome = "
                            + Outcomes.code(Outcome.UNKNOWN)
                            + " WHERE outcome = 0 AND sequence IN");
    private static final String SETTLED =
            "UPDATE log_chain SET open_from = -1 WHERE id = ? AND open_from = ?";
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    private final GroupCommit writer;
    private final Processes processes;
    private final String serverChain;
    private final long maxWaitNanos;
    private final InstantSource clock;

    Reconciliation(
            GroupCommit writer,
            Processes processes,
            String serverChain,
            long maxWaitNanos,
            InstantSource clock) {
        this.writer = writer;
        this.processes = processes;
        this.serverChain = serverChain;
        this.maxWaitNanos = maxWaitNanos;
        this.clock = clock;
    }

    private record DeadChain(long number, String name, long openFrom) {}

    /**
     * Reconciles all there is.
     *
     * @return how many intents became UNKNOWN
     */
    int run() throws AuditUnavailable {
        int reconciled = 0;
        for (DeadChain chain : Work.perform(writer, maxWaitNanos, this::deadChains)) {
            Map<Long, IssuanceIntent> page;
            do {
                page = Work.perform(writer, maxWaitNanos, session -> open(session, chain));
                settle(page);
                reconciled += page.size();
            } while (page.size() == PAGE);
            Work.perform(writer, maxWaitNanos, session -> settled(session, chain));
        }
        if (reconciled > 0) {
            LOG.atWarn()
                    .addKeyValue("intents", reconciled)
                    .log(
                            "intents of a process that died are UNKNOWN: their certificates may exist");
        }
        return reconciled;
    }

    private void settle(Map<Long, IssuanceIntent> page) throws AuditUnavailable {
        List<Ticket> tickets = new ArrayList<>();
        for (IssuanceIntent intent : page.values()) {
            Map<String, String> facts =
                    Map.of("issuer", intent.issuerKeyId(), "serial", intent.serial());
            AuditEvent event =
                    new AuditEvent(
                            AuditEvent.Type.INTENT_RECONCILED,
                            clock.instant(),
                            intent.id().toString(),
                            facts);
            Ticket ticket = Ticket.awaited(new NewEntry.Event(serverChain, EntryBody.of(event)));
            writer.submit(ticket);
            tickets.add(ticket);
        }
        for (Ticket ticket : tickets) {
            ticket.awaitEvent();
        }
        List<Long> sequences = List.copyOf(page.keySet());
        Work.perform(writer, maxWaitNanos, session -> UNKNOWN.write(session, sequences));
    }

    private List<DeadChain> deadChains(WriterSession session) throws SQLException {
        Map<DeadChain, String> owners = new HashMap<>();
        PreparedStatement statement = session.prepare(DEAD_CHAINS);
        statement.setString(1, processes.id());
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                owners.put(
                        new DeadChain(rows.getLong(1), rows.getString(2), rows.getLong(4)),
                        rows.getString(3));
            }
        }
        List<DeadChain> dead = new ArrayList<>();
        for (Map.Entry<DeadChain, String> owner : owners.entrySet()) {
            if (!processes.isAlive(session, owner.getValue())) {
                dead.add(owner.getKey());
            }
        }
        return dead;
    }

    private static Map<Long, IssuanceIntent> open(WriterSession session, DeadChain chain)
            throws SQLException {
        Map<Long, IssuanceIntent> intents = new HashMap<>();
        PreparedStatement statement = session.prepare(OPEN);
        statement.setLong(1, chain.number());
        statement.setLong(2, chain.openFrom());
        statement.setInt(3, PAGE);
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                intents.put(rows.getLong(1), EntryBody.parse(rows.getString(2)).intent());
            }
        }
        return intents;
    }

    private static int settled(WriterSession session, DeadChain chain) throws SQLException {
        PreparedStatement statement = session.prepare(SETTLED);
        statement.setLong(1, chain.number());
        statement.setLong(2, chain.openFrom());
        return statement.executeUpdate();
    }
}
