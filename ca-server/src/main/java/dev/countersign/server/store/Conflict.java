package dev.countersign.server.store;

import java.util.Map;

/** Entries that can never be committed; the rest of their batch can. Nothing was written. */
final class Conflict extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Map<Ticket, Exception> refused;

    Conflict(Map<Ticket, Exception> refused) {
        super(refused.size() + " entries in conflict", null, false, false);
        this.refused = Map.copyOf(refused);
    }

    /** Each with what its caller is told: AuditUnavailable, or KeyTaken. */
    Map<Ticket, Exception> refused() {
        return refused;
    }
}
