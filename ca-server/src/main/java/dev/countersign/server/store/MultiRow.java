package dev.countersign.server.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * A statement that takes many rows at once: four shapes of it are prepared, for 64, 16, 4 and 1
 * rows, and any number is made up of those.
 */
final class MultiRow<R> {
    private static final int[] CHUNKS = {64, 16, 4, 1};

    private final String[] sql = new String[CHUNKS.length];
    private final Binder<R> binder;

    private MultiRow(String before, String row, String after, Binder<R> binder) {
        this.binder = binder;
        for (int i = 0; i < CHUNKS.length; i++) {
            sql[i] = before + (row + ",").repeat(CHUNKS[i] - 1) + row + after;
        }
    }

    /** Sets the parameters of one row, the first at {@code at}. */
    @FunctionalInterface
    interface Binder<R> {
        /**
         * @return the index after the last parameter set
         */
        int bind(PreparedStatement statement, int at, R row) throws SQLException;
    }

    /** {@code INSERT INTO table (…) VALUES (…), (…)}. */
    static <R> MultiRow<R> insert(
            String table, List<String> columns, String onConflict, Binder<R> binder) {
        String before = "INSERT INTO %s (%s) VALUES ".formatted(table, String.join(",", columns));
        String row = "(" + "?,".repeat(columns.size() - 1) + "?)";
        return new MultiRow<>(before, row, onConflict, binder);
    }

    /** {@code before (?, ?, ?)}: a statement on the rows with these keys. */
    static MultiRow<Long> keys(String before) {
        return new MultiRow<>(
                before + " (",
                "?",
                ")",
                (statement, at, key) -> {
                    statement.setLong(at, key);
                    return at + 1;
                });
    }

    /**
     * Runs it.
     *
     * @return how many rows were inserted or changed
     */
    int write(WriterSession session, List<R> rows) throws SQLException {
        int changed = 0;
        int done = 0;
        for (int i = 0; i < CHUNKS.length; i++) {
            while (rows.size() - done >= CHUNKS[i]) {
                PreparedStatement statement = session.prepare(sql[i]);
                int at = 1;
                for (R row : rows.subList(done, done + CHUNKS[i])) {
                    at = binder.bind(statement, at, row);
                }
                changed += statement.executeUpdate();
                done += CHUNKS[i];
            }
        }
        return changed;
    }
}
