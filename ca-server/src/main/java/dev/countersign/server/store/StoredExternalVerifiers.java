package dev.countersign.server.store;

import dev.countersign.server.distribution.ExternalVerifier;
import dev.countersign.server.distribution.ExternalVerifierRecords;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Verifiers outside; a thousand at most. */
final class StoredExternalVerifiers implements ExternalVerifierRecords {
    private static final String ADD =
            "INSERT INTO external_verifier"
                    + " (name, token_hash, registered, by_whom, epoch, acknowledged, how)"
                    + " VALUES (?, ?, ?, ?, ?, 0, '') ON CONFLICT DO NOTHING";
    private static final String REMOVE = "DELETE FROM external_verifier WHERE name = ?";
    private static final String ALL =
            "SELECT name, registered, by_whom, epoch, acknowledged, how FROM external_verifier"
                    + " ORDER BY name";
    private static final String BY_TOKEN =
            "SELECT epoch, acknowledged FROM external_verifier WHERE token_hash = ?";

    @SuppressWarnings("InlineFormatString") // a statement, beside the others
    private static final String SET =
            "UPDATE external_verifier SET epoch = ?, acknowledged = ?, how = ? WHERE %s = ?"
                    + " AND epoch <= ?";

    /** A verifier that fetches all the time is written once a minute. */
    private static final Duration OFTEN = Duration.ofMinutes(1);

    private final Connections connections;
    private final GroupCommit writer;
    private final long maxWaitNanos;

    StoredExternalVerifiers(Connections connections, GroupCommit writer, Duration maxWait) {
        this.connections = connections;
        this.writer = writer;
        this.maxWaitNanos = maxWait.toNanos();
    }

    @Override
    public boolean add(ExternalVerifier verifier, String tokenHash) {
        return write(session -> {
            PreparedStatement statement = session.prepare(ADD);
            statement.setString(1, verifier.name());
            statement.setString(2, tokenHash);
            statement.setLong(3, verifier.registered().toEpochMilli());
            statement.setString(4, verifier.by());
            statement.setLong(5, verifier.epoch());
            return statement.executeUpdate() == 1;
        });
    }

    @Override
    public boolean remove(String name) {
        return write(session -> {
            PreparedStatement statement = session.prepare(REMOVE);
            statement.setString(1, name);
            return statement.executeUpdate() == 1;
        });
    }

    @Override
    public List<ExternalVerifier> all() {
        return connections.read(connection -> {
            List<ExternalVerifier> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(ALL);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(row(rows));
                }
            }
            return found;
        });
    }

    @Override
    public boolean fetched(String tokenHash, long epoch, Instant at) {
        boolean[] known = {false};
        boolean news =
                connections.read(connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(BY_TOKEN)) {
                        statement.setString(1, tokenHash);
                        try (ResultSet rows = statement.executeQuery()) {
                            known[0] = rows.next();
                            return known[0]
                                    && (rows.getLong(1) < epoch
                                            || rows.getLong(2) < at.minus(OFTEN).toEpochMilli());
                        }
                    }
                });
        if (news) {
            set("token_hash", tokenHash, epoch, at, "fetched");
        }
        return known[0];
    }

    @Override
    public boolean acknowledged(String name, long epoch, Instant at, String how) {
        return set("name", name, epoch, at, how);
    }

    private boolean set(String by, String key, long epoch, Instant at, String how) {
        return write(session -> {
            PreparedStatement statement = session.prepare(SET.formatted(by));
            statement.setLong(1, epoch);
            statement.setLong(2, at.toEpochMilli());
            statement.setString(3, how);
            statement.setString(4, key);
            statement.setLong(5, epoch);
            return statement.executeUpdate() == 1;
        });
    }

    private boolean write(SqlFunction<WriterSession, Boolean> transaction) {
        return Work.perform(writer, maxWaitNanos, transaction);
    }

    private static ExternalVerifier row(ResultSet rows) throws SQLException {
        long acknowledged = rows.getLong(5);
        return new ExternalVerifier(
                rows.getString(1),
                Instant.ofEpochMilli(rows.getLong(2)),
                rows.getString(3),
                rows.getLong(4),
                acknowledged == 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(acknowledged)),
                rows.getString(6));
    }
}
