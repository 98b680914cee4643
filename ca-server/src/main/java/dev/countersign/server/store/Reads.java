package dev.countersign.server.store;

import java.sql.Connection;

/** Where queries are put. */
interface Reads {
    /**
     * Reads on a connection in auto-commit mode.
     *
     * @throws dev.countersign.server.audit.RecordsUnavailable when it cannot be read now
     */
    <T> T read(SqlFunction<Connection, T> query);
}
