package dev.countersign.server.store;

import dev.countersign.policy.ApiGroup;
import dev.countersign.server.distribution.AllowRecords;
import dev.countersign.server.distribution.EnforcedAllow;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The ALLOW policies that were enforced last, replaced as a whole. */
final class StoredAllows implements AllowRecords {
    private static final List<String> COLUMNS =
            List.of("api_group", "namespace", "name", "selector");
    private static final String LOAD =
            "SELECT " + String.join(", ", COLUMNS) + " FROM enforced_allow";
    private static final String CLEAR = "DELETE FROM enforced_allow";

    private final Connections connections;
    private final GroupCommit writer;
    private final Duration maxWait;
    private final MultiRow<EnforcedAllow> insert =
            MultiRow.insert("enforced_allow", COLUMNS, "", StoredAllows::bind);

    StoredAllows(Connections connections, GroupCommit writer, Duration maxWait) {
        this.connections = connections;
        this.writer = writer;
        this.maxWait = maxWait;
    }

    @Override
    public List<EnforcedAllow> enforced() {
        return connections.read(connection -> {
            List<EnforcedAllow> allows = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(LOAD);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    allows.add(
                            new EnforcedAllow(
                                    ApiGroup.valueOf(rows.getString(1)),
                                    rows.getString(2),
                                    rows.getString(3),
                                    StoredLabels.labels(rows.getString(4))));
                }
            }
            return allows;
        });
    }

    @Override
    public void enforce(List<EnforcedAllow> allows) {
        Work.perform(
                writer,
                maxWait.toNanos(),
                session -> {
                    session.prepare(CLEAR).executeUpdate();
                    return insert.write(session, allows);
                });
    }

    private static int bind(PreparedStatement statement, int first, EnforcedAllow allow)
            throws SQLException {
        statement.setString(first, allow.group().name());
        statement.setString(first + 1, allow.namespace());
        statement.setString(first + 2, allow.name());
        statement.setString(first + 3, StoredLabels.whole(allow.selector()));
        return first + 4;
    }
}
