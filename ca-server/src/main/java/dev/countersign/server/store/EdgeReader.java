package dev.countersign.server.store;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.server.distribution.EdgeRecords.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One query for edges, as SQL with its parameters. */
final class EdgeReader {
    private static final String SELECT =
            """
            SELECT e.reporter, e.direction, e.peer, e.peer_address, e.labels, e.port, e.http,
              e.method, e.path, e.allowed, e.policy, e.rule, e.dry_run, e.dry_run_policy,
              e.dry_run_rule, e.tls, SUM(d.count) AS times, MIN(d.first_seen) AS first_seen,
              MAX(d.last_seen) AS last_seen
            FROM edge e JOIN edge_day d ON d.edge = e.id
            WHERE d.day >= ? AND e.last_seen >= ?\
            """;
    private static final int FETCH = 500;

    private final StringBuilder sql = new StringBuilder(SELECT);
    private final List<String> texts = new ArrayList<>();
    private final Query query;

    EdgeReader(Query query) {
        this.query = query;
        query.source().ifPresent(id -> either(id, 1, 0));
        query.destination().ifPresent(id -> either(id, 0, 1));
        query.namespace().ifPresent(this::inNamespace);
        query.allowed().ifPresent(yes -> sql.append(" AND e.allowed = ").append(yes ? 1 : 0));
        query.plaintext().ifPresent(yes -> sql.append(" AND e.tls = ").append(yes ? 0 : 1));
        sql.append(" GROUP BY e.id");
    }

    void run(Connection connection, Consumer<ObservedEdge> found) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            statement.setFetchSize(FETCH);
            statement.setLong(1, EdgeWriter.day(query.since()));
            statement.setLong(2, query.since().toEpochMilli());
            int at = 3;
            for (String text : texts) {
                statement.setString(at++, text);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.accept(edge(rows));
                }
            }
        }
    }

    /** The reporter is this end where the direction is the first number, else the peer is. */
    private void either(String id, int reporterWhen, int peerWhen) {
        sql.append(" AND ((e.direction = ").append(reporterWhen).append(" AND e.reporter = ?)");
        sql.append(" OR (e.direction = ").append(peerWhen).append(" AND e.peer = ?))");
        texts.add(id);
        texts.add(id);
    }

    private void inNamespace(String namespace) {
        String pattern = "spiffe://%/ns/" + escaped(namespace) + "/sa/%";
        sql.append(" AND (e.reporter LIKE ? ESCAPE '!' OR e.peer LIKE ? ESCAPE '!')");
        texts.add(pattern);
        texts.add(pattern);
    }

    private static String escaped(String text) {
        return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
    }

    private static ObservedEdge edge(ResultSet row) throws SQLException {
        boolean inbound = row.getInt("direction") == 0;
        String reporter = row.getString("reporter");
        String peer = row.getString("peer");
        String address = row.getString("peer_address");
        boolean http = row.getInt("http") != 0;
        return new ObservedEdge(
                inbound ? peer : reporter,
                inbound ? address : "",
                inbound ? reporter : peer.isEmpty() ? address : peer,
                StoredLabels.labels(row.getString("labels")),
                inbound ? EdgeDirection.INBOUND : EdgeDirection.OUTBOUND,
                row.getInt("port"),
                http ? ObservedEdge.HTTP : ObservedEdge.TCP,
                row.getString("method"),
                row.getString("path"),
                new Ruling(row.getInt("allowed") != 0, row.getString("policy"), row.getInt("rule")),
                dryRun(row),
                row.getInt("tls") != 0 ? EdgeTls.MTLS : EdgeTls.PLAINTEXT,
                row.getLong("times"),
                Instant.ofEpochMilli(row.getLong("first_seen")),
                Instant.ofEpochMilli(row.getLong("last_seen")));
    }

    private static Optional<Ruling> dryRun(ResultSet row) throws SQLException {
        int verdict = row.getInt("dry_run");
        return verdict == 0
                ? Optional.empty()
                : Optional.of(
                        new Ruling(
                                verdict == 2,
                                row.getString("dry_run_policy"),
                                row.getInt("dry_run_rule")));
    }
}
