package dev.countersign.server.store;

import dev.countersign.server.authority.Replicas;
import dev.countersign.server.authority.rotation.Replica;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which servers issue, by the database's own clock: the servers' clocks do not matter. */
final class StoredReplicas implements Replicas {
    /** One that was silent for so long has stopped to sign, whatever its settings. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    private final Dialect dialect;
    private final Connections connections;
    private final GroupCommit writer;
    private final String id;
    private final Duration maxWait;

    StoredReplicas(
            Dialect dialect,
            Connections connections,
            GroupCommit writer,
            String id,
            Duration maxWait) {
        this.dialect = dialect;
        this.connections = connections;
        this.writer = writer;
        this.id = id;
        this.maxWait = maxWait;
    }

    @Override
    public void confirm(long epoch) {
        write(epoch, 0);
    }

    @Override
    public void stopped() {
        write(0, 1);
    }

    @Override
    public List<Replica> replicas() {
        String now = dialect.nowMillis();
        String mine = dialect.exclusive() ? " AND id = ?" : " AND ? <> ''";
        return connections.read(connection -> {
            List<Replica> found = new ArrayList<>();
            try (PreparedStatement statement =
                    connection.prepareStatement(
                            "SELECT id, %s - seen, epoch FROM replica WHERE stopped = 0 AND seen > %s - ?"
                                            .formatted(now, now)
                                    + mine)) {
                statement.setLong(1, FORGOTTEN.toMillis());
                statement.setString(2, id);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(
                                new Replica(
                                        rows.getString(1),
                                        Duration.ofMillis(Math.max(0, rows.getLong(2))),
                                        rows.getLong(3)));
                    }
                }
            }
            return found;
        });
    }

    private void write(long epoch, int stopped) {
        Work.perform(
                writer,
                maxWait.toNanos(),
                session -> {
                    PreparedStatement statement =
                            session.prepare(
                                    """
                                    INSERT INTO replica (id, epoch, seen, stopped)
                                    VALUES (?, ?, %s, ?)
                                    ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch,
                                      seen = excluded.seen, stopped = excluded.stopped\
                                    """
                                            .formatted(dialect.nowMillis()));
                    statement.setString(1, id);
                    statement.setLong(2, epoch);
                    statement.setInt(3, stopped);
                    return statement.executeUpdate();
                });
    }
}
