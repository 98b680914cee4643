package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.RecordsUnavailable;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done from time to time: heartbeat, reconciliation of the dead, clearing away. */
final class Upkeep implements AutoCloseable {
    private static final Duration RECONCILE = Duration.ofMinutes(1);
    private static final Duration CLEAR = Duration.ofMinutes(10);
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final GroupCommit writer;
    private final Processes processes;
    private final Reconciliation reconciliation;
    private final Retention retention;
    private final StoredDenials denials;
    private final StoredEdges edges;
    private final Leader leader;
    private final long maxWaitNanos;
    private final boolean shared;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("store-upkeep").daemon().factory());

    Upkeep(
            GroupCommit writer,
            Processes processes,
            Reconciliation reconciliation,
            Retention retention,
            StoredDenials denials,
            StoredEdges edges,
            Leader leader,
            long maxWaitNanos,
            boolean shared) {
        this.writer = writer;
        this.processes = processes;
        this.reconciliation = reconciliation;
        this.retention = retention;
        this.denials = denials;
        this.edges = edges;
        this.leader = leader;
        this.maxWaitNanos = maxWaitNanos;
        this.shared = shared;
    }

    @FunctionalInterface
    private interface Chore {
        void run() throws AuditUnavailable;
    }

    /** Says that this process is here and reconciles; then goes on by itself. */
    void start() throws AuditUnavailable {
        heartbeat();
        reconciliation.run();
        if (shared) {
            every(Processes.HEARTBEAT, "heartbeat", this::heartbeat);
            every(RECONCILE, "reconciliation", reconciliation::run);
        }
        every(CLEAR, "clearing away", this::clear);
    }

    /** Clears away what has been kept long enough; of several servers, one does. */
    void clear() {
        retention.run();
        Work.perform(writer, maxWaitNanos, leader.only(denials::purge, 0));
        Work.perform(writer, maxWaitNanos, leader.only(edges::purge, 0));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            Work.perform(
                    writer,
                    maxWaitNanos,
                    session -> {
                        processes.stopped(session);
                        return true;
                    });
        } catch (RecordsUnavailable e) {
            // Others see it by the silence.
        }
    }

    private void heartbeat() {
        Work.perform(
                writer,
                maxWaitNanos,
                session -> {
                    processes.heartbeat(session);
                    return true;
                });
    }

    private void every(Duration period, String name, Chore chore) {
        Runnable guarded =
                () -> {
                    try {
                        chore.run();
                    } catch (AuditUnavailable | RuntimeException e) {
                        LOG.atWarn().setCause(e).addKeyValue("chore", name).log("put off");
                    }
                };
        long millis = period.toMillis();
        // Never fails, so there is nothing to ask the future for.
        var _ = timer.scheduleWithFixedDelay(guarded, millis, millis, TimeUnit.MILLISECONDS);
    }
}
