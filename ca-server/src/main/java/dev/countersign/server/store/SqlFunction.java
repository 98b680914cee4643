package dev.countersign.server.store;

import java.sql.SQLException;

/** Work on something that talks to the database. */
@FunctionalInterface
interface SqlFunction<S, T> {
    T apply(S source) throws SQLException;
}
