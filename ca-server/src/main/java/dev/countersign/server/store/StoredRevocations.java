package dev.countersign.server.store;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.revocation.Revocation;
import dev.countersign.server.revocation.RevocationRecords;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Revocations and their deny entries; each change is one transaction of the writer. */
final class StoredRevocations implements RevocationRecords {
    private static final String UNEXPIRED =
            """
            SELECT e.body FROM certificate c JOIN log_entry e ON e.sequence = c.sequence
            WHERE c.not_after > ? AND c.outcome <> 2\
            """;
    private static final String OF_SERIAL =
            """
            SELECT e.body FROM log_chain h JOIN certificate c ON c.chain = h.id
              JOIN log_entry e ON e.sequence = c.sequence
            WHERE c.serial = ? AND c.not_after > ? AND c.outcome <> 2\
            """;
    private static final String OF_POD = UNEXPIRED + " AND e.body LIKE ?";
    private static final String OF_IDENTITY = UNEXPIRED + " AND c.identity = ?";
    private static final String ISSUER_SINCE = "SELECT created FROM log_chain WHERE name = ?";
    private static final String COUNT =
            "SELECT COUNT(*) FROM deny_entry WHERE (expires IS NULL OR expires > ?) AND revocation"
                    + " <> ?";
    private static final String SAME = "SELECT id FROM revocation WHERE kind = ? AND target = ?";
    private static final String FORGET = "DELETE FROM revocation WHERE id = ?";
    private static final String FORGET_ENTRIES = "DELETE FROM deny_entry WHERE revocation = ?";
    private static final String ADD =
            "INSERT INTO revocation (id, kind, target, reason, ordered_by, at, until_time)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?)";
    private static final MultiRow<Row> ADD_ENTRIES =
            MultiRow.insert(
                    "deny_entry",
                    List.of("id", "revocation", "kind", "target", "expires"),
                    " ON CONFLICT DO NOTHING",
                    StoredRevocations::bind);
    private static final String RISE =
            "UPDATE revocation_version SET version = version + 1 WHERE id = 1";
    private static final String VERSION = "SELECT version FROM revocation_version WHERE id = 1";
    private static final String ALL =
            "SELECT id, kind, target, reason, ordered_by, at, until_time FROM revocation";
    private static final String ALL_ENTRIES =
            "SELECT d.id, d.revocation, d.kind, d.target, d.expires, r.reason"
                    + " FROM deny_entry d JOIN revocation r ON r.id = d.revocation";
    private static final String PURGE_ENTRIES = "DELETE FROM deny_entry WHERE expires <= ?";

    /** What is over by its time, and what had nothing but entries. */
    private static final String PURGE =
            """
            DELETE FROM revocation
            WHERE (until_time IS NOT NULL AND until_time <= ? OR kind IN (2, 3))
              AND NOT EXISTS (SELECT 1 FROM deny_entry d WHERE d.revocation = revocation.id)\
            """;

    private final Connections connections;
    private final GroupCommit writer;
    private final Duration maxWait;

    StoredRevocations(Connections connections, GroupCommit writer, Duration maxWait) {
        this.connections = connections;
        this.writer = writer;
        this.maxWait = maxWait;
    }

    /** A deny entry and the revocation it belongs to. */
    private record Row(String revocation, DenyEntry entry) {}

    @Override
    public List<Certificate> bySerial(String serial, Instant now) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(OF_SERIAL)) {
                statement.setBytes(1, Serials.bytes(serial));
                statement.setLong(2, now.toEpochMilli());
                return certificates(statement);
            }
        });
    }

    @Override
    public List<Certificate> ofIdentity(SpiffeId id, Instant now) {
        return connections.read(connection ->
                ofIdentityEndingAfter(connection, id, now).stream()
                        .map(StoredRevocations::certificate)
                        .toList());
    }

    @Override
    public List<String> podUids(String namespace, String name, Instant now) {
        return connections.read(connection -> ofPod(connection, "pod", name, now)).stream()
                .filter(intent -> intent.podName().equals(name))
                .filter(intent ->
                        intent.id()
                                .serviceAccount()
                                .filter(account -> account.namespace().equals(namespace))
                                .isPresent())
                .map(IssuanceIntent::podUid)
                .filter(uid -> !uid.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public boolean isKnownPod(String uid, Instant now) {
        return connections.read(connection -> ofPod(connection, "podUid", uid, now)).stream()
                .anyMatch(intent -> intent.podUid().equals(uid));
    }

    @Override
    public Optional<Instant> issuerSince(String keyId) {
        return connections.read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(ISSUER_SINCE)) {
                statement.setString(1, keyId);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next()
                            ? Optional.of(Instant.ofEpochMilli(rows.getLong(1)))
                            : Optional.empty();
                }
            }
        });
    }

    @Override
    public Added add(Revocation revocation, Optional<DenyEntry> direct, int limit, Instant now) {
        return perform(session -> add(session, revocation, direct, limit, now));
    }

    @Override
    public int expandAgain(List<Revocation> ofPods, Instant now) {
        // Found by a reader first: mostly there is nothing to write.
        List<Row> rows = new ArrayList<>();
        Map<String, List<DenyEntry>> known = load().entries();
        for (Revocation revocation : ofPods) {
            List<DenyEntry> before = known.getOrDefault(revocation.id(), List.of());
            for (Row row : connections.read(connection -> expansion(connection, revocation, now))) {
                if (before.stream().noneMatch(held -> held.target().equals(row.entry().target()))) {
                    rows.add(row);
                }
            }
        }
        return rows.isEmpty() ? 0 : perform(session -> addLate(session, rows));
    }

    @Override
    public boolean remove(String id) {
        return perform(session -> {
            boolean there = forget(session, id);
            if (there) {
                rise(session);
            }
            return there;
        });
    }

    @Override
    public long version() {
        return connections.read(connection -> StoredLedger.count(connection, VERSION));
    }

    @Override
    public Loaded load() {
        return connections.read(connection -> {
            // Version first: what changes meanwhile is read again.
            long version = StoredLedger.count(connection, VERSION);
            return new Loaded(version, revocations(connection), entries(connection));
        });
    }

    @Override
    public int purge(Instant now) {
        return perform(session -> {
            PreparedStatement entries = session.prepare(PURGE_ENTRIES);
            entries.setLong(1, now.toEpochMilli());
            int gone = entries.executeUpdate();
            PreparedStatement revocations = session.prepare(PURGE);
            revocations.setLong(1, now.toEpochMilli());
            gone += revocations.executeUpdate();
            if (gone > 0) {
                rise(session);
            }
            return gone;
        });
    }

    private static Added add(
            WriterSession session,
            Revocation revocation,
            Optional<DenyEntry> direct,
            int limit,
            Instant now)
            throws SQLException {
        Optional<String> before = same(session, revocation.target());
        List<Row> rows = new ArrayList<>();
        direct.ifPresent(entry -> rows.add(new Row(revocation.id(), entry)));
        rows.addAll(expansion(session.connection(), revocation, now));
        int others = others(session, before.orElse(""), now);
        if (others + rows.size() > limit) {
            return new Added.Full(others + rows.size(), byIssuer(rows));
        }
        if (before.isPresent()) {
            forget(session, before.get());
        }
        insert(session, revocation);
        ADD_ENTRIES.write(session, rows);
        rise(session);
        return new Added.Done(rows.size());
    }

    /** Room is no question here: that these are denied was promised already. */
    private static int addLate(WriterSession session, List<Row> rows) throws SQLException {
        int written = ADD_ENTRIES.write(session, rows);
        if (written > 0) {
            rise(session);
        }
        return written;
    }

    /**
     * Pods: every certificate. Identities that are denied for a time: those that would outlive it,
     * so that nothing that was revoked comes back.
     */
    private static List<Row> expansion(Connection connection, Revocation revocation, Instant now)
            throws SQLException {
        List<Row> rows = new ArrayList<>();
        switch (revocation.target()) {
            case DenyEntry.Pod pod -> {
                for (IssuanceIntent intent : ofPod(connection, "podUid", pod.uid(), now)) {
                    if (intent.podUid().equals(pod.uid())) {
                        rows.add(row(revocation, intent));
                    }
                }
            }
            case DenyEntry.Identity identity -> {
                if (revocation.until().isPresent()) {
                    for (IssuanceIntent intent :
                            ofIdentityEndingAfter(
                                    connection, identity.id(), revocation.until().get())) {
                        rows.add(row(revocation, intent));
                    }
                }
            }
            case DenyEntry.Certificate one -> {}
            case DenyEntry.Issuer issuer -> {}
        }
        return rows;
    }

    private static Row row(Revocation revocation, IssuanceIntent intent) {
        return new Row(
                revocation.id(),
                new DenyEntry(
                        revocation.id() + "/" + intent.serial(),
                        new DenyEntry.Certificate(intent.issuerKeyId(), intent.serial()),
                        Optional.of(intent.notAfter()),
                        revocation.reason()));
    }

    /** {@code key} and {@code value} as the canonical body has them; look again at what is found. */
    private static List<IssuanceIntent> ofPod(
            Connection connection, String key, String value, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OF_POD)) {
            statement.setLong(1, now.toEpochMilli());
            statement.setString(2, "%\"" + key + "\":\"" + value + "\"%");
            return intents(statement);
        }
    }

    private static List<IssuanceIntent> ofIdentityEndingAfter(
            Connection connection, SpiffeId id, Instant endingAfter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OF_IDENTITY)) {
            statement.setLong(1, endingAfter.toEpochMilli());
            statement.setString(2, id.toString());
            return intents(statement);
        }
    }

    private static List<IssuanceIntent> intents(PreparedStatement statement) throws SQLException {
        List<IssuanceIntent> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(EntryBody.parse(rows.getString(1)).intent());
            }
        }
        return found;
    }

    private static List<Certificate> certificates(PreparedStatement statement) throws SQLException {
        return intents(statement).stream().map(StoredRevocations::certificate).toList();
    }

    private static Certificate certificate(IssuanceIntent intent) {
        return new Certificate(
                intent.issuerKeyId(),
                intent.serial(),
                intent.id(),
                intent.podUid(),
                intent.notAfter());
    }

    private static Map<String, Integer> byIssuer(List<Row> rows) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Row row : rows) {
            if (row.entry().target() instanceof DenyEntry.Certificate one) {
                counts.merge(one.issuerKeyId(), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static Optional<String> same(WriterSession session, DenyEntry.Target target)
            throws SQLException {
        PreparedStatement statement = session.prepare(SAME);
        statement.setInt(1, StoredTargets.kind(target));
        statement.setString(2, StoredTargets.text(target));
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    private static int others(WriterSession session, String replaced, Instant now)
            throws SQLException {
        PreparedStatement statement = session.prepare(COUNT);
        statement.setLong(1, now.toEpochMilli());
        statement.setString(2, replaced);
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    private static boolean forget(WriterSession session, String id) throws SQLException {
        PreparedStatement entries = session.prepare(FORGET_ENTRIES);
        entries.setString(1, id);
        entries.executeUpdate();
        PreparedStatement revocation = session.prepare(FORGET);
        revocation.setString(1, id);
        return revocation.executeUpdate() > 0;
    }

    private static void insert(WriterSession session, Revocation revocation) throws SQLException {
        PreparedStatement statement = session.prepare(ADD);
        statement.setString(1, revocation.id());
        statement.setInt(2, StoredTargets.kind(revocation.target()));
        statement.setString(3, StoredTargets.text(revocation.target()));
        statement.setString(4, revocation.reason());
        statement.setString(5, revocation.by());
        statement.setLong(6, revocation.at().toEpochMilli());
        setInstant(statement, 7, revocation.until());
        statement.executeUpdate();
    }

    private static int bind(PreparedStatement statement, int at, Row row) throws SQLException {
        statement.setString(at, row.entry().id());
        statement.setString(at + 1, row.revocation());
        statement.setInt(at + 2, StoredTargets.kind(row.entry().target()));
        statement.setString(at + 3, StoredTargets.text(row.entry().target()));
        setInstant(statement, at + 4, row.entry().expires());
        return at + 5;
    }

    private static void setInstant(PreparedStatement statement, int at, Optional<Instant> instant)
            throws SQLException {
        if (instant.isPresent()) {
            statement.setLong(at, instant.get().toEpochMilli());
        } else {
            statement.setNull(at, Types.BIGINT);
        }
    }

    private static Optional<Instant> instant(ResultSet rows, int at) throws SQLException {
        long millis = rows.getLong(at);
        return rows.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    private static void rise(WriterSession session) throws SQLException {
        session.prepare(RISE).executeUpdate();
    }

    private static List<Revocation> revocations(Connection connection) throws SQLException {
        List<Revocation> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ALL);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(
                        new Revocation(
                                rows.getString(1),
                                StoredTargets.target(rows.getInt(2), rows.getString(3)),
                                rows.getString(4),
                                rows.getString(5),
                                Instant.ofEpochMilli(rows.getLong(6)),
                                instant(rows, 7)));
            }
        }
        return found;
    }

    private static Map<String, List<DenyEntry>> entries(Connection connection) throws SQLException {
        Map<String, List<DenyEntry>> found = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(ALL_ENTRIES);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.computeIfAbsent(rows.getString(2), any -> new ArrayList<>())
                        .add(
                                new DenyEntry(
                                        rows.getString(1),
                                        StoredTargets.target(rows.getInt(3), rows.getString(4)),
                                        instant(rows, 5),
                                        rows.getString(6)));
            }
        }
        return found;
    }

    private <T> T perform(SqlFunction<WriterSession, T> work) {
        return Work.perform(writer, maxWait.toNanos(), work);
    }
}
