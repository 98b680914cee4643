package dev.countersign.server.store;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends the waiting of callers whose commit does not come: all wait equally long, so the one that came
 * first is due first, and a look every now and then takes the place of a timer for each. Nothing runs
 * while nobody waits.
 */
final class Deadlines implements AutoCloseable {
    private static final long LOOKS_A_WAIT = 20;

    private final long waitNanos;
    private final long lookNanos;
    private final Queue<Due> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor timer;

    /** {@code wait}: how long each may wait; it may turn out a twentieth longer. */
    Deadlines(Duration wait) {
        waitNanos = wait.toNanos();
        lookNanos = Math.max(1, waitNanos / LOOKS_A_WAIT);
        timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("store-deadlines").daemon().factory());
        // After the close there is nothing to look after.
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    /** A caller begins to wait. */
    void add(Ticket ticket) {
        queue.add(new Due(ticket, System.nanoTime() + waitNanos));
        if (timer.isShutdown()) {
            ticket.expire();
        } else if (!looking.get() && looking.compareAndSet(false, true)) {
            lookLater();
        }
    }

    /** The time of all that still wait is over. */
    @Override
    public void close() {
        timer.shutdownNow();
        queue.forEach(due -> due.ticket().expire());
    }

    private void look() {
        long now = System.nanoTime();
        for (Due due = queue.peek(); due != null && due.isOver(now); due = queue.peek()) {
            queue.poll();
            due.ticket().expire();
        }
        looking.set(false);
        // Looked at after saying that nobody looks: either this sees the newcomer, or it sees that.
        if (!queue.isEmpty() && looking.compareAndSet(false, true)) {
            lookLater();
        }
    }

    private void lookLater() {
        // Never fails, so there is nothing to ask the future for.
        var _ = timer.schedule(this::look, lookNanos, TimeUnit.NANOSECONDS);
    }

    private record Due(Ticket ticket, long at) {
        boolean isOver(long now) {
            return ticket.isSettled() || now - at >= 0;
        }
    }
}
