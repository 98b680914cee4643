package dev.countersign.server.store;

import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.audit.KeyTaken;
import java.time.InstantSource;

/** The log's writing side: bodies and hashes are made here, in the caller's thread. */
final class StoredAuditTrail implements AuditTrail {
    private final GroupCommit writer;
    private final String serverChain;
    private final InstantSource clock;

    StoredAuditTrail(GroupCommit writer, String serverChain, InstantSource clock) {
        this.writer = writer;
        this.serverChain = serverChain;
        this.clock = clock;
    }

    @Override
    public long intend(IssuanceIntent intent, KeyRule rule) throws AuditUnavailable, KeyTaken {
        Ticket ticket = Ticket.awaited(NewEntry.Intent.of(intent, rule));
        writer.submit(ticket);
        return ticket.await();
    }

    @Override
    public void issued(IssuanceIntent intent, String certificateHash) {
        EntryBody body = EntryBody.issued(intent, certificateHash, clock.instant());
        writer.ride(Ticket.riding(new NewEntry.Conclusion(intent, Outcome.ISSUED, body)));
    }

    @Override
    public void failed(IssuanceIntent intent, String reason) {
        EntryBody body = EntryBody.failed(intent, reason, clock.instant());
        writer.ride(Ticket.riding(new NewEntry.Conclusion(intent, Outcome.FAILED, body)));
    }

    @Override
    public long append(AuditEvent event) throws AuditUnavailable {
        Ticket ticket = Ticket.awaited(new NewEntry.Event(serverChain, EntryBody.of(event)));
        writer.submit(ticket);
        return ticket.awaitEvent();
    }

    @Override
    public void offer(AuditEvent event) {
        writer.offer(Ticket.riding(new NewEntry.Event(serverChain, EntryBody.of(event))));
    }
}
