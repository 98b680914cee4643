package dev.countersign.server.store;

import dev.countersign.server.authority.AuthorityJournal;
import dev.countersign.trust.SignedTrustBundle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The authority's state in one row; each change is one statement that compares and sets. */
final class StoredAuthorityJournal implements AuthorityJournal {
    private static final String COLUMNS =
            "epoch, roots, signing_root, bundle_key, bundle_payload, bundle_key_id,"
                    + " bundle_signature, at, rotation";
    private static final String LOAD = "SELECT " + COLUMNS + " FROM authority WHERE id = 1";
    private static final String CREATE =
            "INSERT INTO authority ("
                    + COLUMNS
                    + ", id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING";
    private static final String REPLACE =
            """
            UPDATE authority SET epoch = ?, roots = ?, signing_root = ?, bundle_key = ?,
              bundle_payload = ?, bundle_key_id = ?, bundle_signature = ?, at = ?, rotation = ?
            WHERE id = 1 AND epoch = ?\
            """;
    private static final String KEEP =
            "INSERT INTO bundle_handover (epoch, payload, key_id, signature) VALUES (?, ?, ?, ?)"
                    + " ON CONFLICT DO NOTHING";
    private static final String HANDOVERS =
            "SELECT payload, key_id, signature FROM bundle_handover ORDER BY epoch DESC LIMIT ?";
    private static final int MAX_ROOTS = 64;
    private static final int MAX_ROOT_BYTES = 1 << 16;

    private final Connections connections;
    private final GroupCommit writer;
    private final Duration maxWait;

    StoredAuthorityJournal(Connections connections, GroupCommit writer, Duration maxWait) {
        this.connections = connections;
        this.writer = writer;
        this.maxWait = maxWait;
    }

    @Override
    public Optional<State> load() {
        return connections.read(StoredAuthorityJournal::load);
    }

    static Optional<State> load(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOAD);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(state(rows)) : Optional.empty();
        }
    }

    @Override
    public boolean replace(long expectedEpoch, State next) {
        return Work.perform(
                writer,
                maxWait.toNanos(),
                session -> {
                    PreparedStatement statement =
                            session.prepare(expectedEpoch == 0 ? CREATE : REPLACE);
                    statement.setLong(1, next.epoch());
                    statement.setBytes(2, pack(next.roots()));
                    statement.setString(3, next.signingRoot());
                    statement.setString(4, next.bundleKey());
                    statement.setBytes(5, next.bundlePayload());
                    statement.setString(6, next.bundleKeyId());
                    statement.setBytes(7, next.bundleSignature());
                    statement.setLong(8, next.at().toEpochMilli());
                    statement.setString(9, next.rotation());
                    if (expectedEpoch != 0) {
                        statement.setLong(10, expectedEpoch);
                    }
                    return statement.executeUpdate() == 1;
                });
    }

    @Override
    public void keepHandover(long epoch, SignedTrustBundle bundle) {
        Work.perform(
                writer,
                maxWait.toNanos(),
                session -> {
                    PreparedStatement statement = session.prepare(KEEP);
                    statement.setLong(1, epoch);
                    statement.setBytes(2, bundle.payload());
                    statement.setString(3, bundle.keyId());
                    statement.setBytes(4, bundle.signature());
                    return statement.executeUpdate();
                });
    }

    @Override
    public List<SignedTrustBundle> handovers(int limit) {
        return connections.read(connection -> {
            List<SignedTrustBundle> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(HANDOVERS)) {
                statement.setInt(1, limit);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.addFirst(
                                new SignedTrustBundle(
                                        rows.getBytes(1), rows.getString(2), rows.getBytes(3)));
                    }
                }
            }
            return found;
        });
    }

    private static State state(ResultSet rows) throws SQLException {
        return new State(
                rows.getLong(1),
                unpack(rows.getBytes(2)),
                rows.getString(3),
                rows.getString(4),
                rows.getBytes(5),
                rows.getString(6),
                rows.getBytes(7),
                Instant.ofEpochMilli(rows.getLong(8)),
                rows.getString(9));
    }

    /** Each root as four bytes of length and its DER. */
    private static byte[] pack(List<byte[]> roots) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(packed)) {
            for (byte[] root : roots) {
                out.writeInt(root.length);
                out.write(root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return packed.toByteArray();
    }

    private static List<byte[]> unpack(byte[] packed) throws SQLException {
        List<byte[]> roots = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(packed))) {
            while (in.available() > 0 && roots.size() < MAX_ROOTS) {
                int length = in.readInt();
                if (length < 0 || length > MAX_ROOT_BYTES) {
                    throw new IOException("root: " + length + " bytes");
                }
                byte[] root = new byte[length];
                in.readFully(root);
                roots.add(root);
            }
        } catch (IOException e) {
            throw new SQLException("authority.roots: damaged: " + e.getMessage(), e);
        }
        return roots;
    }
}
