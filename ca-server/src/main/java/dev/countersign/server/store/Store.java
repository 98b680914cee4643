package dev.countersign.server.store;

import dev.countersign.server.attestation.LineageRecords;
import dev.countersign.server.audit.AuditLog;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.AuditVerifier;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityJournal;
import dev.countersign.server.authority.IssuedLeaves;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.authority.Replicas;
import dev.countersign.server.authority.approval.ApprovalRecords;
import dev.countersign.server.distribution.AllowRecords;
import dev.countersign.server.distribution.DenialRecords;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.ExternalVerifierRecords;
import dev.countersign.server.distribution.VerifierRecords;
import dev.countersign.server.revocation.RevocationRecords;
import dev.countersign.server.store.StoreRefused.Reason;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.IntSupplier;

/** An open store: the ports it answers, and what keeps it in order. */
public final class Store implements AutoCloseable {
    private final Dialect dialect;
    private final Connections connections;
    private final GroupCommit writer;
    private final Upkeep upkeep;
    private Dialect.Background background = () -> {};
    private final StoreConfig config;
    private final InstantSource clock;
    private final String processId;
    private final Optional<AdvisoryLeadership> leadership;
    private final StoredAuditTrail trail;
    private final StoredDenials denials;
    private final StoredEdges edges;

    private Store(
            Dialect dialect,
            Connections connections,
            StoreConfig config,
            InstantSource clock,
            String processId) {
        this.dialect = dialect;
        this.connections = connections;
        this.config = config;
        this.clock = clock;
        this.processId = processId;
        this.leadership =
                dialect.exclusive()
                        ? Optional.empty()
                        : Optional.of(new AdvisoryLeadership(dialect.writers()));
        String serverChain = dialect.exclusive() ? "server" : "server/" + processId;
        long wait = config.maxWait().toNanos();
        Processes processes = new Processes(dialect, processId);
        Leader leader = new Leader(dialect);
        Chains chains = new Chains(processId, processes, clock);
        EntryWriter entries =
                new EntryWriter(dialect.batchRows(), chains, new Numbering(dialect.exclusive()));
        this.writer = new GroupCommit(connections, entries, config, clock);
        this.trail = new StoredAuditTrail(writer, serverChain, clock);
        this.denials =
                new StoredDenials(
                        connections, writer, config.maxWait(), clock, DenialRecords.MAX_ROWS);
        this.edges = edges(EdgeWriter.Bounds.standard());
        this.upkeep =
                new Upkeep(
                        writer,
                        processes,
                        new Reconciliation(writer, processes, serverChain, wait, clock),
                        new Retention(writer, leader, config.certificateRetention(), wait, clock),
                        denials,
                        edges,
                        leader,
                        wait,
                        !dialect.exclusive());
    }

    /**
     * Opens the store: takes it, reads its durability back, brings its tables up to date, and
     * reconciles what a process that died left open.
     *
     * @param processId unique to this process, e.g. 16 random hex digits
     */
    public static Store open(StoreConfig config, InstantSource clock, String processId)
            throws StoreRefused {
        Dialect dialect = dialect(config);
        Connections connections = null;
        boolean open = false;
        try {
            connections = Connections.open(dialect, config);
            Store store = new Store(dialect, connections, config, clock, processId);
            store.start();
            open = true;
            return store;
        } finally {
            if (!open) {
                if (connections != null) {
                    connections.close();
                }
                dialect.close();
            }
        }
    }

    public AuditTrail auditTrail() {
        return trail;
    }

    public AuditLog auditLog() {
        return new StoredAuditLog(connections);
    }

    public AuditVerifier auditVerifier() {
        return new AuditVerifier(new StoredLogRecords(connections));
    }

    public IssuanceLedger ledger() {
        return new StoredLedger(connections);
    }

    public AuthorityJournal authorityJournal() {
        return new StoredAuthorityJournal(connections, writer, config.maxWait());
    }

    public ApprovalRecords approvals() {
        return new StoredApprovals(connections, writer, config.maxWait());
    }

    public IssuedLeaves issuedLeaves() {
        return new StoredIssuedLeaves(connections, writer, config.maxWait());
    }

    public Replicas replicas() {
        return new StoredReplicas(dialect, connections, writer, processId, config.maxWait());
    }

    public VerifierRecords verifiers() {
        return new StoredVerifiers(dialect, connections, writer, processId, config.maxWait());
    }

    public ExternalVerifierRecords externalVerifiers() {
        return new StoredExternalVerifiers(connections, writer, config.maxWait());
    }

    /** Of several servers on one database, one leads. */
    public Leadership leadership() {
        return leadership.<Leadership>map(held -> held).orElse(Leadership.ALONE);
    }

    public LineageRecords lineages() {
        return new StoredLineages(ledger());
    }

    public AllowRecords allows() {
        return new StoredAllows(connections, writer, config.maxWait());
    }

    public DenialRecords denials() {
        return denials;
    }

    public RevocationRecords revocations() {
        return new StoredRevocations(connections, writer, config.maxWait());
    }

    public EdgeRecords edges() {
        return edges;
    }

    /** Certificates that ended before this may have been cleared away: what the verifier needs. */
    public Instant certificatesKeptSince() {
        return clock.instant().minus(config.certificateRetention());
    }

    /**
     * How many callers are being served now, those included that wait for a commit: while more are
     * on their way, a commit waits for them, 2 ms at most.
     */
    public void callers(IntSupplier served) {
        writer.callers(served);
    }

    public StoreHealth health() {
        return writer.health();
    }

    /** Database, place, durability: for the log and {@code server status}. */
    public String describe() {
        return dialect.describe();
    }

    StoredEdges edges(EdgeWriter.Bounds bounds) {
        return new StoredEdges(connections, writer, config.maxWait(), clock, bounds);
    }

    /** Clears edges away as upkeep does, with other bounds. */
    void clear(StoredEdges others) {
        Work.perform(writer, config.maxWait().toNanos(), others::purge);
    }

    Upkeep upkeep() {
        return upkeep;
    }

    /** Commits what is queued and lets others have the database. */
    @Override
    public void close() {
        leadership.ifPresent(AdvisoryLeadership::close);
        upkeep.close();
        writer.close();
        background.close();
        connections.close();
        dialect.close();
    }

    private void start() throws StoreRefused {
        try {
            writer.start();
            upkeep.start();
            background = dialect.background();
        } catch (SQLException | RecordsUnavailable | AuditUnavailable e) {
            upkeep.close();
            writer.close();
            throw new StoreRefused(
                    Reason.STORE_UNREACHABLE,
                    "store %s: %s".formatted(dialect.describe(), e.getMessage()),
                    e);
        }
    }

    private static Dialect dialect(StoreConfig config) throws StoreRefused {
        if (config.url().startsWith(Sqlite.PREFIX)) {
            return new Sqlite(config);
        }
        if (config.url().startsWith(Postgres.PREFIX)) {
            return new Postgres(config);
        }
        throw new StoreRefused(
                Reason.STORE_UNSUPPORTED,
                "store.url: %s (expected: jdbc:sqlite:/path or jdbc:postgresql://host/database)"
                        .formatted(config.url().replaceFirst("\\?.*", "")));
    }
}
