package dev.countersign.server.store;

import dev.countersign.server.authority.rotation.Verifier;
import dev.countersign.server.distribution.VerifierRecords;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Agent processes and what they have loaded. */
final class StoredVerifiers implements VerifierRecords {
    /** A replica that was silent for so long has no streams any more. */
    static final Duration REPLICA_LIVES = Duration.ofMinutes(1);

    private static final String SAVE =
            """
            INSERT INTO verifier (pod, instance, name, place, namespace, labels, replica, last_seen,
              until, epoch, problem, leaf_root, oldest_root, usage)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (pod, instance) DO UPDATE SET name = excluded.name, place = excluded.place,
              namespace = excluded.namespace, labels = excluded.labels, replica = excluded.replica,
              last_seen = excluded.last_seen, until = excluded.until,
              epoch = CASE WHEN excluded.epoch > verifier.epoch THEN excluded.epoch
                ELSE verifier.epoch END,
              problem = excluded.problem, leaf_root = excluded.leaf_root,
              oldest_root = excluded.oldest_root, usage = excluded.usage\
            """;
    private static final String LEFT =
            "UPDATE verifier SET replica = '', last_seen = ?"
                    + " WHERE pod = ? AND instance = ? AND replica = ?";
    private static final String FORGET = "DELETE FROM verifier WHERE pod = ? AND instance = ?";
    private static final String DEPARTED =
            "INSERT INTO departure (pod, at) VALUES (?, ?) ON CONFLICT (pod) DO UPDATE"
                    + " SET at = excluded.at";

    @SuppressWarnings("InlineFormatString") // a statement, beside the others
    private static final String ALL =
            """
            SELECT v.pod, v.instance, v.name, v.place, v.namespace, v.labels,
              CASE WHEN r.id IS NULL THEN 0 ELSE 1 END,
              CASE WHEN d.seen > v.last_seen THEN d.seen ELSE v.last_seen END, v.until, v.epoch,
              v.problem, v.leaf_root, v.oldest_root, v.usage
            FROM verifier v LEFT JOIN replica r
              ON r.id = v.replica AND r.stopped = 0 AND r.seen > %s - ? AND %s
              LEFT JOIN replica d ON d.id = v.replica
            WHERE v.until > ? OR v.last_seen > ? OR r.id IS NOT NULL OR d.seen > ?\
            """;

    private final Dialect dialect;
    private final Connections connections;
    private final GroupCommit writer;
    private final String process;
    private final Duration maxWait;
    private final SilentHolders silent;

    StoredVerifiers(
            Dialect dialect,
            Connections connections,
            GroupCommit writer,
            String process,
            Duration maxWait) {
        this.dialect = dialect;
        this.connections = connections;
        this.writer = writer;
        this.process = process;
        this.maxWait = maxWait;
        this.silent = new SilentHolders(dialect, connections, process);
    }

    @Override
    public void save(List<Row> rows) {
        if (!rows.isEmpty()) {
            Work.perform(
                    writer,
                    maxWait.toNanos(),
                    session -> {
                        for (Row row : rows) {
                            if (row.verifier().connected()) {
                                save(session, row);
                            } else {
                                left(session, row);
                            }
                        }
                        return rows.size();
                    });
        }
    }

    @Override
    public void forget(List<Key> gone, Instant at) {
        if (!gone.isEmpty()) {
            Work.perform(
                    writer,
                    maxWait.toNanos(),
                    session -> {
                        PreparedStatement statement = session.prepare(FORGET);
                        PreparedStatement departed = session.prepare(DEPARTED);
                        for (Key key : gone) {
                            statement.setString(1, key.pod());
                            statement.setString(2, key.instance());
                            statement.executeUpdate();
                            departed.setString(1, key.pod());
                            departed.setLong(2, at.toEpochMilli());
                            departed.executeUpdate();
                        }
                        return gone.size();
                    });
        }
    }

    @Override
    public List<Row> all(Instant since) {
        String sql =
                ALL.formatted(dialect.nowMillis(), dialect.exclusive() ? "r.id = ?" : "? <> ''");
        return connections.read(connection -> {
            List<Row> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setLong(1, REPLICA_LIVES.toMillis());
                statement.setString(2, process);
                statement.setLong(3, since.toEpochMilli());
                statement.setLong(4, since.toEpochMilli());
                statement.setLong(5, since.toEpochMilli());
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(row(rows));
                    }
                }
            }
            return found;
        });
    }

    @Override
    public List<Row> silent(Instant since) {
        return silent.find(since);
    }

    private void save(WriterSession session, Row row) throws SQLException {
        Verifier verifier = row.verifier();
        PreparedStatement statement = session.prepare(SAVE);
        statement.setString(1, row.pod());
        statement.setString(2, verifier.instance());
        statement.setString(3, verifier.name());
        statement.setString(4, verifier.where());
        statement.setString(5, verifier.namespace());
        statement.setString(6, StoredLabels.text(verifier.labels()));
        statement.setString(7, process);
        statement.setLong(8, verifier.lastSeen().toEpochMilli());
        statement.setLong(9, verifier.until().toEpochMilli());
        statement.setLong(10, verifier.epoch());
        statement.setString(11, verifier.problem());
        statement.setString(12, verifier.leafRootKeyId());
        statement.setString(13, verifier.oldestConnectionRootKeyId());
        statement.setString(14, verifier.usage().map(UsageText::of).orElse(""));
        statement.executeUpdate();
    }

    private void left(WriterSession session, Row row) throws SQLException {
        PreparedStatement statement = session.prepare(LEFT);
        statement.setLong(1, row.verifier().lastSeen().toEpochMilli());
        statement.setString(2, row.pod());
        statement.setString(3, row.verifier().instance());
        statement.setString(4, process);
        statement.executeUpdate();
    }

    private static Row row(ResultSet rows) throws SQLException {
        return new Row(
                rows.getString(1),
                new Verifier(
                        rows.getString(3),
                        rows.getString(2),
                        rows.getString(4),
                        rows.getString(5),
                        StoredLabels.labels(rows.getString(6)),
                        rows.getInt(7) == 1,
                        Instant.ofEpochMilli(rows.getLong(8)),
                        Instant.ofEpochMilli(rows.getLong(9)),
                        rows.getLong(10),
                        rows.getString(11),
                        rows.getString(12),
                        rows.getString(13),
                        UsageText.usage(rows.getString(14))));
    }
}
