package dev.countersign.server.store;

import dev.countersign.server.audit.HashChain.Head;
import dev.countersign.server.audit.LogRecords;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The log's rows as they are, for the verifier. */
final class StoredLogRecords implements LogRecords {
    private static final String CHAINS =
            "SELECT id, name, genesis, batches, entries, head FROM log_chain ORDER BY id";
    private static final String BATCHES =
            "SELECT number, size, first, last, hash FROM log_batch"
                    + " WHERE chain = ? AND number > ? ORDER BY number LIMIT ?";
    private static final String ENTRIES =
            "SELECT batch, sequence, type, identity, body FROM log_entry"
                    + " WHERE chain = ? AND sequence BETWEEN ? AND ? ORDER BY sequence";
    private static final String CERTIFICATES =
            "SELECT c.sequence, h.name, c.serial, c.identity, c.not_after, c.outcome"
                    + " FROM certificate c JOIN log_chain h ON h.id = c.chain WHERE c.sequence IN (";
    private static final String COUNTS =
            """
            SELECT (SELECT COUNT(*) FROM log_entry),
              (SELECT COALESCE(SUM(entries), 0) FROM log_chain),
              (SELECT COUNT(*) FROM certificate c
               LEFT JOIN log_entry e ON e.sequence = c.sequence AND e.type = 'INTENT'
               WHERE e.sequence IS NULL)\
            """;
    private static final int MAX_KEYS = 500;

    private final Reads reads;

    StoredLogRecords(Reads reads) {
        this.reads = reads;
    }

    /** A batch's row before its entries are read. */
    private record BatchRow(long number, long size, long first, long last, String hash) {}

    @Override
    public List<Chain> chains() {
        return reads.read(connection -> {
            List<Chain> chains = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(CHAINS);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Head head = new Head(rows.getLong(4), rows.getLong(5), rows.getString(6));
                    chains.add(
                            new Chain(rows.getLong(1), rows.getString(2), rows.getString(3), head));
                }
            }
            return chains;
        });
    }

    @Override
    public List<Batch> batches(long chain, long afterNumber, int limit) {
        return reads.read(connection -> {
            List<BatchRow> rows = batchRows(connection, chain, afterNumber, limit);
            Map<Long, List<Row>> entries = new HashMap<>();
            if (!rows.isEmpty()) {
                readEntries(connection, chain, rows, entries);
            }
            return rows.stream()
                    .map(row ->
                            new Batch(
                                    row.number(),
                                    row.size(),
                                    row.hash(),
                                    entries.getOrDefault(row.number(), List.of())))
                    .toList();
        });
    }

    @Override
    public Map<Long, Certificate> certificates(Collection<Long> sequences) {
        Map<Long, Certificate> found = new HashMap<>();
        List<Long> all = List.copyOf(sequences);
        for (int from = 0; from < all.size(); from += MAX_KEYS) {
            List<Long> page = all.subList(from, Math.min(all.size(), from + MAX_KEYS));
            found.putAll(reads.read(connection -> certificates(connection, page)));
        }
        return found;
    }

    @Override
    public Counts counts() {
        return reads.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(COUNTS);
                    ResultSet rows = statement.executeQuery()) {
                rows.next();
                return new Counts(rows.getLong(1), rows.getLong(2), rows.getLong(3));
            }
        });
    }

    private static List<BatchRow> batchRows(
            Connection connection, long chain, long afterNumber, int limit) throws SQLException {
        List<BatchRow> batches = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(BATCHES)) {
            statement.setLong(1, chain);
            statement.setLong(2, afterNumber);
            statement.setInt(3, limit);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    batches.add(
                            new BatchRow(
                                    rows.getLong(1),
                                    rows.getLong(2),
                                    rows.getLong(3),
                                    rows.getLong(4),
                                    rows.getString(5)));
                }
            }
        }
        return batches;
    }

    private static void readEntries(
            Connection connection, long chain, List<BatchRow> batches, Map<Long, List<Row>> into)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ENTRIES)) {
            statement.setLong(1, chain);
            statement.setLong(2, batches.getFirst().first());
            statement.setLong(3, batches.getLast().last());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    into.computeIfAbsent(rows.getLong(1), batch -> new ArrayList<>())
                            .add(
                                    new Row(
                                            rows.getLong(2),
                                            rows.getString(3),
                                            rows.getString(4),
                                            rows.getString(5)));
                }
            }
        }
    }

    private static Map<Long, Certificate> certificates(Connection connection, List<Long> page)
            throws SQLException {
        Map<Long, Certificate> found = new HashMap<>();
        String sql = CERTIFICATES + "?,".repeat(page.size() - 1) + "?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            for (long sequence : page) {
                statement.setLong(at++, sequence);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.put(
                            rows.getLong(1),
                            new Certificate(
                                    rows.getString(2),
                                    Serials.hex(rows.getBytes(3)),
                                    rows.getString(4),
                                    Instant.ofEpochMilli(rows.getLong(5)),
                                    Outcomes.of(rows.getInt(6))));
                }
            }
        }
        return found;
    }
}
