package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.EntryBody;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.store.Batch.Numbered;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. At rest it commits as soon as somebody waits; whatever else came
 * meanwhile shares the commit, so batches grow with load. It waits while more callers are on their
 * way and keeps commits a few milliseconds apart, never for longer: a commit that many share costs
 * each of them little. Outcomes and offered events wait for nobody: they ride in the next commit, or make one of their own shortly
 * after.
 *
 * <p>When the database fails, everybody in the batch is told so and nothing is acknowledged; until
 * the back-off is over, newcomers are turned away at once. Then a new session reads again where the
 * chains stand, and the next batch is the trial.
 */
final class GroupCommit implements AutoCloseable {
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final Connections connections;
    private final EntryWriter entries;
    private final InstantSource clock;
    private final WriterQueue queue;
    private final Deadlines deadlines;
    private final Outage outage = new Outage();
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();
    private final Thread thread;

    /** Owned by the writer thread once that runs. */
    private @Nullable WriterSession session;

    GroupCommit(
            Connections connections, EntryWriter entries, StoreConfig config, InstantSource clock) {
        this.connections = connections;
        this.entries = entries;
        this.clock = clock;
        this.queue = new WriterQueue(config.maxBatch(), config.maxWaiting());
        this.deadlines = new Deadlines(config.maxWait());
        this.thread = Thread.ofPlatform().name("store-writer").daemon().unstarted(this::run);
    }

    /** Starts with a session in hand, so that the caller learns of a database that fails already. */
    void start() throws SQLException {
        session = openSession();
        thread.start();
    }

    /** Queues something that its caller will wait for. */
    void submit(Queued item) throws AuditUnavailable {
        outage.check();
        queue.submit(item);
        if (item instanceof Ticket ticket) {
            deadlines.add(ticket);
        }
    }

    /**
     * How many callers are being served now, those included that wait for a commit: while more are on
     * their way, a commit waits for them a little.
     */
    void callers(IntSupplier served) {
        queue.callers(served);
    }

    /** Queues an outcome. */
    void ride(Ticket ticket) {
        queue.ride(ticket);
    }

    /** Queues an event that may be dropped. */
    void offer(Ticket ticket) {
        queue.offer(ticket);
    }

    StoreHealth health() {
        return new StoreHealth(
                outage.reason(), queue.waiting(), commits.get(), committed.get(), queue.dropped());
    }

    /** Writes what is queued, then stops. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join(CLOSE_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deadlines.close();
    }

    private void run() {
        try {
            while (!queue.isClosed() || (!queue.isEmpty() && session != null)) {
                cycle();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            queue.close();
            int lost = queue.abandon(new AuditUnavailable("log: closed"));
            if (lost > 0) {
                LOG.atWarn().addKeyValue("entries", lost).log("entries lost at close");
            }
            breakSession();
        }
    }

    private void cycle() throws InterruptedException {
        List<Ticket> batch = new ArrayList<>();
        List<Work<?>> works = new ArrayList<>();
        queue.gather(batch, works, outage.left());
        if (batch.isEmpty() && works.isEmpty()) {
            return;
        }
        try {
            WriterSession open = ready();
            commit(open, batch);
            // Their callers know; a failure from here on is not theirs.
            batch.clear();
            for (Work<?> work : works) {
                work.run(open);
                outage.over();
                commits.incrementAndGet();
            }
        } catch (SQLException | RuntimeException e) {
            fail(batch, works, e);
        }
    }

    private WriterSession ready() throws SQLException {
        WriterSession open = session;
        if (open == null) {
            if (outage.left() > 0) {
                throw new SQLException(outage.reason().orElse("database unavailable"));
            }
            open = openSession();
            session = open;
        }
        return open;
    }

    private WriterSession openSession() throws SQLException {
        WriterSession open = WriterSession.open(connections);
        try {
            Batch landed = entries.reload(open);
            if (landed != null) {
                queue.remove(landed.entries().stream().map(Numbered::ticket).toList());
                landed.entries().forEach(this::disown);
            }
            return open;
        } catch (SQLException | RuntimeException e) {
            open.discard();
            throw e;
        }
    }

    private void commit(WriterSession open, List<Ticket> batch) throws SQLException {
        if (batch.isEmpty()) {
            return;
        }
        List<Numbered> written;
        try {
            written = entries.write(open, batch);
        } catch (Conflict conflict) {
            conflict.refused().forEach(Ticket::refuse);
            batch.removeAll(conflict.refused().keySet());
            commit(open, batch);
            return;
        }
        // Before anybody is told: who was served must not find an outage.
        outage.over();
        commits.incrementAndGet();
        committed.addAndGet(written.size());
        for (Numbered entry : written) {
            if (!entry.ticket().committed(entry.sequence())) {
                disown(entry);
            }
        }
    }

    /** An intent is in the log, but its caller was told otherwise or has given up. */
    private void disown(Numbered entry) {
        if (entry.ticket().entry() instanceof NewEntry.Intent intent) {
            EntryBody body = EntryBody.failed(intent.intent(), "CALLER_GAVE_UP", clock.instant());
            queue.ride(
                    Ticket.riding(new NewEntry.Conclusion(intent.intent(), Outcome.FAILED, body)));
        }
    }

    private void fail(List<Ticket> batch, List<Work<?>> works, Exception cause) {
        if (outage.left() == 0) {
            breakSession();
            outage.failed(cause);
        }
        AuditUnavailable told =
                new AuditUnavailable("log cannot be written now: " + cause.getMessage(), cause);
        for (Ticket ticket : batch) {
            if (ticket.isAwaited()) {
                ticket.fail(told);
            } else {
                queue.putBack(ticket);
            }
        }
        works.forEach(work -> work.fail(told));
    }

    private void breakSession() {
        WriterSession broken = session;
        session = null;
        if (broken != null) {
            broken.discard();
        }
    }
}
