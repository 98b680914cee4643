package dev.countersign.server.store;

import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.authority.rotation.Verifier;
import dev.countersign.server.distribution.VerifierRecords;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pods that hold certificates and of which no stream was heard since. */
final class SilentHolders {
    private static final String PROBLEM = "holds a certificate and has no stream";

    /** The newest certificate of each says who that is. */
    @SuppressWarnings("InlineFormatString") // a statement, beside the others
    private static final String FIND =
            """
            SELECT s.ends, e.body FROM (
              SELECT c.pod, MAX(c.not_after) AS ends, MAX(c.sequence) AS newest
              FROM certificate c
              WHERE c.not_after > ? AND c.pod <> '' AND c.outcome <> %d
                AND NOT EXISTS (
                  SELECT 1 FROM verifier v
                    LEFT JOIN replica r
                      ON r.id = v.replica AND r.stopped = 0 AND r.seen > %s - ? AND %s
                    LEFT JOIN replica d ON d.id = v.replica
                  WHERE v.pod = c.pod
                    AND (r.id IS NOT NULL OR v.last_seen >= c.intended OR d.seen >= c.intended))
                AND NOT EXISTS (
                  SELECT 1 FROM departure g WHERE g.pod = c.pod AND g.at >= c.intended)
              GROUP BY c.pod) s
            JOIN log_entry e ON e.sequence = s.newest\
            """;

    private final String sql;
    private final Connections connections;
    private final String process;

    SilentHolders(Dialect dialect, Connections connections, String process) {
        this.sql =
                FIND.formatted(
                        Outcomes.code(Outcome.FAILED),
                        dialect.nowMillis(),
                        dialect.exclusive() ? "r.id = ?" : "? <> ''");
        this.connections = connections;
        this.process = process;
    }

    List<VerifierRecords.Row> find(Instant since) {
        return connections.read(connection -> find(connection, since));
    }

    private List<VerifierRecords.Row> find(Connection connection, Instant since)
            throws SQLException {
        List<VerifierRecords.Row> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, since.toEpochMilli());
            statement.setLong(2, StoredVerifiers.REPLICA_LIVES.toMillis());
            statement.setString(3, process);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(
                            row(
                                    EntryBody.parse(rows.getString(2)).intent(),
                                    Instant.ofEpochMilli(rows.getLong(1))));
                }
            }
        }
        return found;
    }

    private static VerifierRecords.Row row(IssuanceIntent intent, Instant ends) {
        String namespace =
                intent.id().serviceAccount().map(account -> account.namespace()).orElse("");
        return new VerifierRecords.Row(
                intent.podUid(),
                new Verifier(
                        namespace + "/" + intent.podName(),
                        "",
                        intent.nodeName().orElse(""),
                        namespace,
                        Map.of(),
                        false,
                        intent.at(),
                        ends,
                        0,
                        PROBLEM,
                        "",
                        "",
                        Optional.empty()));
    }
}
