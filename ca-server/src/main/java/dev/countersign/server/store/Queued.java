package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;

/** What the writer thread is given to do. */
sealed interface Queued permits Ticket, Work, WriterQueue.Signal {
    /** It will not be done. */
    void fail(AuditUnavailable cause);
}
