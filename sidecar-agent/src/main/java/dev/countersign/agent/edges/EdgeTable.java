package dev.countersign.agent.edges;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.trust.VerifiedPeer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Counts every decision, and every call of the own application, under its edge. An edge that is known costs a look-up that makes no garbage; a
 * new one is logged and reported at once. Edges that were not seen for {@link #IDLE} make room when
 * the table is three quarters full.
 */
public final class EdgeTable {
    /** How long an edge without traffic keeps its place. */
    static final Duration IDLE = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(EdgeTable.class);

    /** Of the own application's calls: nothing here holds them back. */
    private static final Decision CALLED =
            new Decision(true, null, null, null, -1, 0, Decision.Reason.ALLOWED_BY_DEFAULT);

    private final InstantSource clock;
    private final EdgeQueue queue;
    private final LongAdder overflow = new LongAdder();
    private final Object lock = new Object();
    private EdgeBounds bounds = new EdgeBounds();
    private volatile EdgeIndex index = EdgeIndex.empty();
    private volatile long now;
    private volatile Runnable onFirst = () -> {};

    public EdgeTable(InstantSource clock) {
        this.clock = clock;
        this.now = clock.millis();
        this.queue = new EdgeQueue(clock.instant());
    }

    /**
     * Counts one decision. Called for every request, on any thread.
     *
     * @param peer empty for a caller without identity
     * @param decision enforced
     * @param dryRun what policies in DryRun would have made of it; null where none applies
     */
    public void seen(
            Optional<VerifiedPeer> peer,
            Request request,
            Decision decision,
            @Nullable Decision dryRun) {
        SpiffeId source = peer.isPresent() ? peer.get().id() : null;
        IpAddress address = source == null ? request.sourceIp() : null;
        count(EdgeDirection.INBOUND, source, address, request, decision, dryRun);
    }

    /**
     * Counts one call that the own application made, on any thread. Whether it is let in is for the
     * other side to decide, and to report.
     *
     * @param peer who was found there
     */
    public void called(SpiffeId peer, Request request) {
        count(EdgeDirection.OUTBOUND, peer, null, request, CALLED, null);
    }

    private void count(
            EdgeDirection direction,
            @Nullable SpiffeId peer,
            @Nullable IpAddress address,
            Request request,
            Decision decision,
            @Nullable Decision dryRun) {
        Entry known = find(direction, peer, address, request, decision, dryRun);
        if (known != null) {
            known.seen(now);
        } else {
            enter(direction, peer, address, request, decision, dryRun);
        }
    }

    /** The time of what is seen from now on, and room for new edges. Called about once a second. */
    public void tick() {
        now = clock.millis();
        if (4 * index.size() > 3 * EdgeBounds.ENTRIES) {
            makeRoom();
        }
    }

    /** Called when an edge is seen for the first time, on the thread that saw it. */
    public void onFirst(Runnable listener) {
        onFirst = listener;
    }

    /**
     * What the server is to be told now: the last report again while it is not acknowledged, else
     * edges that are new, else once a minute everything that was counted since.
     */
    public Optional<EdgeReport> next() {
        return queue.next(clock.instant(), () -> index.entries(), overflow.sum());
    }

    /** That report is on record. */
    public void acknowledged(long sequence) {
        queue.acknowledged(sequence);
    }

    /** Everything that is left to say; the last of them says that it is the last. */
    public List<EdgeReport> lastWords() {
        return queue.lastWords(index.entries(), overflow.sum());
    }

    /** Edges held. */
    public int size() {
        return index.size();
    }

    /** Decisions that could not be counted by edge. */
    public long overflow() {
        return overflow.sum();
    }

    private @Nullable Entry find(
            EdgeDirection direction,
            @Nullable SpiffeId peer,
            @Nullable IpAddress address,
            Request request,
            Decision decision,
            @Nullable Decision dryRun) {
        EdgeIndex held = index;
        Rung rung = Rung.EXACT;
        while (rung != null) {
            Entry entry = held.find(direction, peer, address, request, decision, dryRun, rung);
            if (entry == null && address != null) {
                entry = held.find(direction, null, null, request, decision, dryRun, rung);
            }
            if (entry != null) {
                return entry;
            }
            rung = request.path() == null ? null : rung.coarser();
        }
        return null;
    }

    private void enter(
            EdgeDirection direction,
            @Nullable SpiffeId peer,
            @Nullable IpAddress address,
            Request request,
            Decision decision,
            @Nullable Decision dryRun) {
        Entry entry;
        synchronized (lock) {
            entry = find(direction, peer, address, request, decision, dryRun);
            if (entry != null) {
                entry.seen(now);
                return;
            }
            if (!bounds.hasRoom(direction, decision)) {
                overflowed();
                return;
            }
            IpAddress named = address != null && bounds.mayName(address) ? address : null;
            Rung rung = bounds.rung(direction, request, decision);
            int hash = Entry.hash(direction, peer, named, request, decision, dryRun, rung);
            entry =
                    new Entry(
                            hash,
                            direction,
                            peer,
                            named,
                            request,
                            decision,
                            dryRun,
                            rung,
                            clock.millis());
            entry.seen(now);
            bounds.enter(entry);
            index = index.with(entry);
        }
        queue.fresh(entry);
        log(entry);
        onFirst.run();
    }

    private void overflowed() {
        if (overflow.sum() == 0) {
            LOG.atWarn()
                    .addKeyValue("edges", index.size())
                    .log("table of edges is full, new ones are only counted");
        }
        overflow.increment();
    }

    private void makeRoom() {
        synchronized (lock) {
            long before = now - IDLE.toMillis();
            List<Entry> kept =
                    index.entries().stream()
                            .filter(entry -> entry.lastSeen >= before || !queue.retire(entry))
                            .toList();
            if (kept.size() < index.size()) {
                bounds = EdgeBounds.of(kept);
                index = EdgeIndex.of(kept);
            }
        }
    }

    private static void log(Entry entry) {
        switch (entry.direction) {
            case INBOUND -> logAllowed(entry);
            case OUTBOUND ->
                    describe(LOG.atInfo().addKeyValue("peer", entry.peer), entry)
                            .log("called, seen for the first time");
        }
    }

    /** Denials are logged by who denies. */
    private static void logAllowed(Entry entry) {
        if (entry.decision.allowed()) {
            describe(
                            LOG.atInfo()
                                    .addKeyValue(
                                            "source", entry.peer == null ? "(none)" : entry.peer),
                            entry)
                    .addKeyValue("policy", entry.decision.policy())
                    .addKeyValue("rule", entry.decision.ruleIndex())
                    .addKeyValue("reason", entry.decision.reason())
                    .log("allowed, seen for the first time");
        }
    }

    private static LoggingEventBuilder describe(LoggingEventBuilder event, Entry entry) {
        return event.addKeyValue("port", entry.port)
                .addKeyValue("method", entry.method == null ? "" : entry.method)
                .addKeyValue("path", entry.path == null ? "" : entry.path);
    }
}
