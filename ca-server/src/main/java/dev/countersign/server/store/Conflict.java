package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import java.util.Map;

/** Entries that can never be committed; the rest of their batch can. Nothing was written. */
final class Conflict extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Map<Ticket, AuditUnavailable> refused;

    Conflict(Map<Ticket, AuditUnavailable> refused) {
        super(refused.size() + " entries in conflict", null, false, false);
        this.refused = Map.copyOf(refused);
    }

    Map<Ticket, AuditUnavailable> refused() {
        return refused;
    }
}
