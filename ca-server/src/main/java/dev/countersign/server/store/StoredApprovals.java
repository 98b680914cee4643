package dev.countersign.server.store;

import dev.countersign.server.authority.approval.ApprovalRecords;
import dev.countersign.server.authority.approval.SignedApproval;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Steps that wait for approvals, and the approvals. Kept for ever: they are few. */
final class StoredApprovals implements ApprovalRecords {
    private static final int MAX_LISTED = 100;
    private static final String COLUMNS = "digest, content, text, asked, expires, used";
    private static final String WAITING =
            "SELECT " + COLUMNS + " FROM approval_step WHERE used IS NULL AND expires > ?";
    private static final String BY_CONTENT =
            WAITING + " AND content = ? ORDER BY asked, digest LIMIT 1";
    private static final String LIST = WAITING + " ORDER BY asked, digest LIMIT " + MAX_LISTED;
    private static final String BY_DIGEST =
            "SELECT " + COLUMNS + " FROM approval_step WHERE digest = ?";
    private static final String ASK =
            "INSERT INTO approval_step (digest, content, text, asked, expires)"
                    + " VALUES (?, ?, ?, ?, ?)";
    private static final String ADD =
            """
            INSERT INTO approval (digest, operator, valid_until, signature, received)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (digest, operator) DO UPDATE SET valid_until = excluded.valid_until,
              signature = excluded.signature, received = excluded.received
            WHERE approval.valid_until <= ?\
            """;
    private static final String GIVEN =
            "SELECT digest, operator, valid_until, signature FROM approval WHERE digest = ?"
                    + " ORDER BY operator";
    private static final String USE =
            "UPDATE approval_step SET used = ? WHERE digest = ? AND used IS NULL";

    private final Connections connections;
    private final GroupCommit writer;
    private final long maxWaitNanos;

    StoredApprovals(Connections connections, GroupCommit writer, Duration maxWait) {
        this.connections = connections;
        this.writer = writer;
        this.maxWaitNanos = maxWait.toNanos();
    }

    @Override
    public Optional<Asked> waiting(String content, Instant now) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(BY_CONTENT)) {
                statement.setLong(1, now.toEpochMilli());
                statement.setString(2, content);
                return steps(statement).stream().findFirst();
            }
        });
    }

    @Override
    public Optional<Asked> find(String digest) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(BY_DIGEST)) {
                statement.setString(1, digest);
                return steps(statement).stream().findFirst();
            }
        });
    }

    @Override
    public List<Asked> waiting(Instant now) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LIST)) {
                statement.setLong(1, now.toEpochMilli());
                return steps(statement);
            }
        });
    }

    @Override
    public void ask(Asked step) {
        write(session -> {
            PreparedStatement statement = session.prepare(ASK);
            statement.setString(1, step.digest());
            statement.setString(2, step.content());
            statement.setString(3, step.text());
            statement.setLong(4, step.asked().toEpochMilli());
            statement.setLong(5, step.expires().toEpochMilli());
            return statement.executeUpdate() == 1;
        });
    }

    @Override
    public boolean add(SignedApproval approval, Instant now) {
        return write(session -> {
            PreparedStatement statement = session.prepare(ADD);
            statement.setString(1, approval.digest());
            statement.setString(2, approval.operator());
            statement.setLong(3, approval.until().toEpochMilli());
            statement.setBytes(4, approval.signature());
            statement.setLong(5, now.toEpochMilli());
            statement.setLong(6, now.toEpochMilli());
            return statement.executeUpdate() == 1;
        });
    }

    @Override
    public List<SignedApproval> approvals(String digest) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(GIVEN)) {
                statement.setString(1, digest);
                return approvals(statement);
            }
        });
    }

    @Override
    public boolean use(String digest, Instant now) {
        return write(session -> {
            PreparedStatement statement = session.prepare(USE);
            statement.setLong(1, now.toEpochMilli());
            statement.setString(2, digest);
            return statement.executeUpdate() == 1;
        });
    }

    private boolean write(SqlFunction<WriterSession, Boolean> transaction) {
        return Work.perform(writer, maxWaitNanos, transaction);
    }

    private static List<Asked> steps(PreparedStatement statement) throws SQLException {
        List<Asked> steps = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                steps.add(
                        new Asked(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getString(3),
                                Instant.ofEpochMilli(rows.getLong(4)),
                                Instant.ofEpochMilli(rows.getLong(5)),
                                rows.getLong(6) != 0));
            }
        }
        return steps;
    }

    private static List<SignedApproval> approvals(PreparedStatement statement) throws SQLException {
        List<SignedApproval> approvals = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                approvals.add(
                        new SignedApproval(
                                rows.getString(1),
                                rows.getString(2),
                                Instant.ofEpochMilli(rows.getLong(3)),
                                rows.getBytes(4)));
            }
        }
        return approvals;
    }
}
