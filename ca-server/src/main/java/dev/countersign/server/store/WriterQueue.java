package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the writer: a bounded queue of those who wait for a commit, which wakes it at once,
 * and the riders that nobody waits for, which only make sure that it does not sleep.
 */
final class WriterQueue {
    private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(20);

    /** How long a commit waits at most for callers that are on their way. */
    private static final long COMPANY = TimeUnit.MILLISECONDS.toNanos(2);

    /**
     * How long after a commit was begun the next one is, where somebody already waits for it: a commit
     * costs as much for one as for five, so on a busy server they share. Who comes to a server at rest
     * waits for nobody.
     */
    private static final long APART = TimeUnit.MILLISECONDS.toNanos(4);

    private static final long GLANCE = TimeUnit.MICROSECONDS.toNanos(250);
    private static final int MAX_OFFERED = 8192;

    private final int maxBatch;
    private final int maxWaiting;
    private final LongSupplier time;
    private final LinkedBlockingQueue<Queued> queue = new LinkedBlockingQueue<>();
    private final Queue<Ticket> riding = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger offered = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private volatile IntSupplier callers = () -> 0;
    private volatile boolean asleep;

    /** When the last commit that somebody waited for was begun; the writer's own. */
    private long begun;

    private volatile boolean closed;

    WriterQueue(int maxBatch, int maxWaiting) {
        this(maxBatch, maxWaiting, System::nanoTime);
    }

    /**
     * @param time in nanoseconds, as {@link System#nanoTime}
     */
    WriterQueue(int maxBatch, int maxWaiting, LongSupplier time) {
        this.time = time;
        this.begun = time.getAsLong() - APART;
        this.maxBatch = maxBatch;
        this.maxWaiting = maxWaiting;
    }

    /** Wakes the writer without giving it anything to write. */
    record Signal() implements Queued {
        @Override
        public void fail(AuditUnavailable cause) {
            // Nobody waits for it.
        }
    }

    /** How many are being served, those included that wait here. */
    void callers(IntSupplier served) {
        callers = served;
    }

    /** Queues something that its caller will wait for. */
    void submit(Queued item) throws AuditUnavailable {
        if (waiting.incrementAndGet() > maxWaiting) {
            waiting.decrementAndGet();
            throw new AuditUnavailable(
                    "log: %d entries wait (expected: at most %d)"
                            .formatted(maxWaiting + 1, maxWaiting));
        }
        queue.add(item);
        // Looked at after adding: either this sees the close, or the close sees the item.
        if (closed && queue.remove(item)) {
            waiting.decrementAndGet();
            throw new AuditUnavailable("log: closed");
        }
    }

    /** Queues an outcome: never dropped, there are no more of them than intents. */
    void ride(Ticket ticket) {
        riding.add(ticket);
        if (asleep) {
            queue.add(new Signal());
        }
    }

    /** Queues an event, or drops and counts it when too many wait already. */
    void offer(Ticket ticket) {
        if (offered.incrementAndGet() > MAX_OFFERED) {
            offered.decrementAndGet();
            dropped.incrementAndGet();
        } else {
            ride(ticket);
        }
    }

    /** Puts riders of a failed batch back. */
    void putBack(Ticket rider) {
        rider.putBack();
        count(rider, 1);
        riding.add(rider);
    }

    /** Takes out riders that turn out to be written. */
    void remove(Collection<Ticket> written) {
        for (Ticket ticket : written) {
            if (riding.remove(ticket)) {
                count(ticket, -1);
            }
        }
    }

    /**
     * Waits for work, then takes all that is there, up to the size of a batch of each kind.
     *
     * @param pause how long to leave riders waiting at least, in nanoseconds
     */
    void gather(List<Ticket> batch, List<Work<?>> works, long pause) throws InterruptedException {
        Queued next = first(pause);
        if (next instanceof Ticket) {
            awaitCompany();
        }
        for (; next != null; next = batch.size() < maxBatch ? queue.poll() : null) {
            switch (next) {
                case Ticket ticket -> {
                    waiting.decrementAndGet();
                    if (ticket.take()) {
                        batch.add(ticket);
                    }
                }
                case Work<?> work -> {
                    waiting.decrementAndGet();
                    works.add(work);
                }
                case Signal signal -> {}
            }
        }
        int limit = batch.size() + maxBatch;
        while (batch.size() < limit) {
            Ticket rider = riding.poll();
            if (rider == null) {
                return;
            }
            count(rider, -1);
            rider.take();
            batch.add(rider);
        }
    }

    boolean isEmpty() {
        return queue.isEmpty() && riding.isEmpty();
    }

    int waiting() {
        return waiting.get();
    }

    long dropped() {
        return dropped.get();
    }

    boolean isClosed() {
        return closed;
    }

    /** Takes nothing more and wakes the writer to finish. */
    void close() {
        closed = true;
        queue.add(new Signal());
    }

    /**
     * Fails all who wait.
     *
     * @return how many riders are lost
     */
    int abandon(AuditUnavailable cause) {
        for (Queued item = queue.poll(); item != null; item = queue.poll()) {
            item.fail(cause);
        }
        return riding.size();
    }

    private @Nullable Queued first(long pause) throws InterruptedException {
        if (riding.isEmpty() && !closed) {
            asleep = true;
            Queued first = riding.isEmpty() ? queue.take() : queue.poll();
            asleep = false;
            if (first != null && !(first instanceof Signal)) {
                return first;
            }
        }
        return queue.poll(closed ? 0 : Math.max(LINGER, pause), TimeUnit.NANOSECONDS);
    }

    /** Until the last commit is a little ago, and while others are served that do not wait here yet. */
    private void awaitCompany() {
        long until = time.getAsLong() + COMPANY;
        for (long left = APART; left > 0 && !closed && waiting.get() < maxBatch; ) {
            left = begun + APART - time.getAsLong();
            if (left > 0) {
                LockSupport.parkNanos(left);
            }
        }
        while (!closed
                && waiting.get() < Math.min(callers.getAsInt(), maxBatch)
                && time.getAsLong() - until < 0) {
            LockSupport.parkNanos(GLANCE);
        }
        begun = time.getAsLong();
    }

    private void count(Ticket rider, int change) {
        if (rider.entry() instanceof NewEntry.Event) {
            offered.addAndGet(change);
        }
    }
}
