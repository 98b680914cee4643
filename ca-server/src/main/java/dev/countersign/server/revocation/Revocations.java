package dev.countersign.server.revocation;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.revocation.RevocationRecords.Added;
import dev.countersign.server.revocation.RevocationRefused.Reason;
import dev.countersign.trust.VerifiedPeer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes orders, keeps them, and answers from memory who is denied. Orders are taken one at a time;
 * everything else may be asked by many threads and never waits.
 */
public final class Revocations implements IssuanceBlocks {
    /** Entries that agents are sent, in all: with them a snapshot keeps well within its bound. */
    public static final int MAX_ENTRIES = 10_000;

    private static final Duration LONGEST = Duration.ofDays(366);
    private static final Duration PURGE_EVERY = Duration.ofMinutes(1);

    /** Another server has heard of an order by then, or cannot write to the store at all. */
    private static final Duration WITHIN_HEARING = Duration.ofMinutes(1);

    private static final int ID_BYTES = 6;
    private static final Logger log = LoggerFactory.getLogger(Revocations.class);

    private final RevocationRecords records;
    private final Targets targets;
    private final AuditTrail audit;
    private final int limit;
    private final InstantSource clock;
    private final SecureRandom random;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Ordered, and not yet in what is in force: nothing is issued to them already. */
    private final Set<DenyEntry.Target> pending = ConcurrentHashMap.newKeySet();

    private volatile Denied denied;
    private Instant purged;

    public Revocations(
            RevocationRecords records,
            AuditTrail audit,
            int limit,
            InstantSource clock,
            SecureRandom random) {
        this.records = records;
        this.targets = new Targets(records);
        this.audit = audit;
        this.limit = limit;
        this.clock = clock;
        this.random = random;
        this.denied = new Denied(records.load(), clock);
        this.purged = clock.instant();
    }

    /** Runs after every change, on the thread that made or noticed it. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** What agents are to know, in no particular order. */
    public List<DenyEntry> entries() {
        return denied.entries();
    }

    /** Rises with every change. */
    public long version() {
        return denied.version();
    }

    /** Those of one revocation. */
    public List<DenyEntry> entriesOf(String id) {
        return denied.entriesOf(id);
    }

    /** Oldest first. */
    public List<Standing> standings() {
        return denied.standings();
    }

    /** Why this certificate is denied; empty when it is not. */
    public Optional<String> denies(VerifiedPeer peer) {
        return denied.denies(peer);
    }

    /** Whether everything under this intermediate is denied. */
    public boolean deniesIssuer(String keyId) {
        return denied.of(new DenyEntry.Issuer(keyId)).isPresent();
    }

    @Override
    public Optional<Block> blocked(SpiffeId id, String podUid, Optional<VerifiedPeer> peer) {
        Optional<Block> known = denied.blocked(id, podUid, peer);
        if (known.isPresent() || pending.isEmpty()) {
            return known;
        }
        if (pending.contains(new DenyEntry.Identity(id))) {
            return Optional.of(new Block(BlockReason.IDENTITY_REVOKED, "identity: " + id));
        }
        if (!podUid.isEmpty() && pending.contains(new DenyEntry.Pod(podUid))) {
            return Optional.of(new Block(BlockReason.POD_REVOKED, "pod: " + podUid));
        }
        return Optional.empty();
    }

    /**
     * Blocks, expands, tells. A second order about the same target takes the first one's place.
     *
     * @throws RevocationRefused when there is nothing to revoke, or too much: nothing has changed
     * @throws AuditUnavailable when it cannot be logged: nothing has changed
     */
    public synchronized Standing order(RevocationOrder order)
            throws RevocationRefused, AuditUnavailable {
        Instant now = clock.instant();
        check(order);
        Targets.Found found = targets.find(order.subject(), now);
        Revocation revocation =
                new Revocation(
                        newId(),
                        found.target(),
                        order.reason(),
                        order.by(),
                        now,
                        order.duration().map(now::plus));
        audit.append(event(AuditEvent.Type.REVOCATION_ORDERED, revocation));
        pending.add(found.target());
        try {
            add(revocation, found, now);
            reload();
        } finally {
            pending.remove(found.target());
        }
        return denied.standings().stream()
                .filter(standing -> standing.revocation().id().equals(revocation.id()))
                .findFirst()
                .orElseThrow(() -> new RecordsUnavailable("revocation: gone meanwhile"));
    }

    /**
     * The same for who may not replace what another ordered: whoever may deny less must not shorten what
     * was ordered by whoever may deny more.
     *
     * @throws RevocationRefused REVOKED_ALREADY, and as {@link #order} does
     * @throws AuditUnavailable when it cannot be logged: nothing has changed
     */
    public synchronized Standing orderIfFree(RevocationOrder order)
            throws RevocationRefused, AuditUnavailable {
        refreshQuietly();
        Instant now = clock.instant();
        check(order);
        DenyEntry.Target target = targets.find(order.subject(), now).target();
        Optional<Revocation> held = denied.of(target).filter(one -> !one.isOver(now));
        if (held.isPresent() && !held.get().by().equals(order.by())) {
            throw new RevocationRefused(
                    Reason.REVOKED_ALREADY,
                    Subjects.text(target)
                            + ": "
                            + held.get().id()
                            + " denies it already (expected: no order of another)");
        }
        return order(order);
    }

    /**
     * Takes back what is said about this subject.
     *
     * @throws RevocationRefused NOT_REVOKED
     * @throws AuditUnavailable when it cannot be logged: nothing has changed
     */
    public synchronized Revocation takeBack(
            RevocationOrder.Subject subject, String reason, String by)
            throws RevocationRefused, AuditUnavailable {
        refreshQuietly();
        Revocation held =
                Subjects.matching(subject, denied.standings())
                        .orElseThrow(() ->
                                new RevocationRefused(
                                        Reason.NOT_REVOKED,
                                        Subjects.text(subject)
                                                + ": not revoked (expected: one of countersign cert"
                                                + " revocations)"));
        Revocation back =
                new Revocation(held.id(), held.target(), reason, by, clock.instant(), held.until());
        audit.append(event(AuditEvent.Type.REVOCATION_TAKEN_BACK, back));
        records.remove(held.id());
        reload();
        return held;
    }

    /** Takes over what other replicas changed, and what is over; about once a second. */
    public synchronized void maintain() {
        Instant now = clock.instant();
        if (!now.isBefore(purged.plus(PURGE_EVERY))) {
            purged = now;
            records.purge(now);
        }
        List<Revocation> pods = denied.podsSince(now.minus(WITHIN_HEARING));
        int late = pods.isEmpty() ? 0 : records.expandAgain(pods, now);
        if (late > 0) {
            log.atWarn()
                    .addKeyValue("certificates", late)
                    .log("issued to a revoked pod by a server that had not heard of it; denied");
        }
        if (records.version() != denied.version()) {
            reload();
        }
    }

    private void add(Revocation revocation, Targets.Found found, Instant now)
            throws RevocationRefused {
        Optional<DenyEntry> direct =
                found.named()
                        ? Optional.of(
                                new DenyEntry(
                                        revocation.id(),
                                        found.target(),
                                        earlier(found.entryUntil(), revocation.until()),
                                        revocation.reason()))
                        : Optional.empty();
        switch (records.add(revocation, direct, limit, now)) {
            case Added.Done done ->
                    log.atInfo()
                            .addKeyValue("id", revocation.id())
                            .addKeyValue("target", Subjects.text(revocation.target()))
                            .addKeyValue("entries", done.entries())
                            .addKeyValue("by", revocation.by())
                            .log("revoked");
            case Added.Full full -> throw full(full);
        }
    }

    private RevocationRefused full(Added.Full full) {
        String instead =
                new TreeMap<>(full.byIssuer())
                        .entrySet().stream()
                                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                                .limit(5)
                                .map(one -> one.getKey() + " (" + one.getValue() + ")")
                                .collect(Collectors.joining(", "));
        return new RevocationRefused(
                Reason.REVOCATION_LIST_FULL,
                "deny entries: "
                        + full.entries()
                        + " (expected: <= "
                        + limit
                        + "; distrust the intermediates that issued them instead, countersign cert"
                        + " revoke --issuer: "
                        + instead
                        + ")");
    }

    private static void check(RevocationOrder order) throws RevocationRefused {
        if (order.reason().isBlank()) {
            throw new RevocationRefused(
                    Reason.REASON_MISSING,
                    "reason: none (expected: one, for whoever reads the log)");
        }
        if (order.reason().length() > RevocationOrder.MAX_REASON) {
            throw new RevocationRefused(
                    Reason.REASON_TOO_LONG,
                    "reason: "
                            + order.reason().length()
                            + " characters (expected: <= "
                            + RevocationOrder.MAX_REASON
                            + ")");
        }
        Optional<Duration> duration = order.duration();
        if (duration.isEmpty()) {
            return;
        }
        if (!duration.get().isPositive() || duration.get().compareTo(LONGEST) > 0) {
            throw new RevocationRefused(
                    Reason.DURATION_OUT_OF_BOUNDS,
                    "for: " + duration.get() + " (expected: > 0, <= " + LONGEST + ")");
        }
        boolean endsByItself =
                order.subject() instanceof RevocationOrder.Serial
                        || order.subject() instanceof RevocationOrder.Issuer;
        if (endsByItself) {
            throw new RevocationRefused(
                    Reason.DURATION_NOT_FOR_THIS,
                    "for: "
                            + duration.get()
                            + " (expected: none; a certificate or an issuer is denied to its end)");
        }
    }

    private void reload() {
        long before = denied.version();
        denied = new Denied(records.load(), clock);
        if (denied.version() != before) {
            listeners.forEach(this::tell);
        }
    }

    private void refreshQuietly() {
        if (records.version() != denied.version()) {
            reload();
        }
    }

    private void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException failed) {
            log.atError().setCause(failed).log("listener failed after a revocation");
        }
    }

    private AuditEvent event(AuditEvent.Type type, Revocation revocation) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("id", revocation.id());
        facts.put("target", Subjects.text(revocation.target()));
        facts.put("reason", revocation.reason());
        facts.put("by", revocation.by());
        revocation.until().ifPresent(until -> facts.put("until", until.toString()));
        String identity =
                revocation.target() instanceof DenyEntry.Identity one ? one.id().toString() : "";
        return new AuditEvent(type, clock.instant(), identity, facts);
    }

    private String newId() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return "rv-" + HexFormat.of().formatHex(bytes);
    }

    private static Optional<Instant> earlier(Optional<Instant> a, Optional<Instant> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return a.get().isBefore(b.get()) ? a : b;
    }
}
