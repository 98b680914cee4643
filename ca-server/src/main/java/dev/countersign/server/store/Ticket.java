package dev.countersign.server.store;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.KeyTaken;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An entry in the queue, and the thread that waits for its commit, if one does. The writer and the
 * waiting thread race only for the state: whoever gives up after the entry was taken leaves it to the
 * writer to say in the log that nobody acted on it.
 */
final class Ticket implements Queued {
    private final NewEntry entry;
    private final @Nullable Thread waiter;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    private volatile long sequence;
    private volatile @Nullable Exception failure;
    private volatile boolean overdue;

    private Ticket(NewEntry entry, @Nullable Thread waiter) {
        this.entry = entry;
        this.waiter = waiter;
    }

    private enum State {
        QUEUED,
        TAKEN,
        DONE,
        ABANDONED
    }

    /** An entry that the calling thread will wait for. */
    static Ticket awaited(NewEntry entry) {
        return new Ticket(entry, Thread.currentThread());
    }

    /** An entry that nobody waits for. */
    static Ticket riding(NewEntry entry) {
        return new Ticket(entry, null);
    }

    NewEntry entry() {
        return entry;
    }

    boolean isAwaited() {
        return waiter != null;
    }

    /** Claims it for a batch; false when its thread has given up already. */
    boolean take() {
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    /** Puts a riding entry back for another batch. */
    void putBack() {
        state.set(State.QUEUED);
    }

    /**
     * The entry is durable.
     *
     * @return false when its thread has given up meanwhile
     */
    boolean committed(long number) {
        sequence = number;
        return finish();
    }

    @Override
    public void fail(AuditUnavailable cause) {
        refuse(cause);
    }

    /** Nothing was written, and it is told why: AuditUnavailable, or KeyTaken. */
    void refuse(Exception cause) {
        failure = cause;
        state.compareAndSet(State.QUEUED, State.TAKEN);
        finish();
    }

    /** Whether nobody waits for it any more. */
    boolean isSettled() {
        State now = state.get();
        return now == State.DONE || now == State.ABANDONED;
    }

    /** Its time is over: whoever waits gives up, unless it is done. */
    void expire() {
        overdue = true;
        LockSupport.unpark(waiter);
    }

    /**
     * Waits for the commit, or until {@link #expire}. Parked without a time: a timed park of a virtual
     * thread costs a task of the scheduler and its cancellation.
     *
     * @return the sequence number
     */
    long await() throws AuditUnavailable, KeyTaken {
        while (state.get() != State.DONE) {
            boolean interrupted = Thread.currentThread().isInterrupted();
            if ((overdue || interrupted) && abandon()) {
                throw new AuditUnavailable(
                        interrupted
                                ? "log: the caller was interrupted"
                                : "log: no commit within the time that a caller waits");
            }
            LockSupport.park(this);
        }
        Exception cause = failure;
        if (cause instanceof KeyTaken taken) {
            throw taken;
        }
        if (cause != null) {
            throw new AuditUnavailable(String.valueOf(cause.getMessage()), cause);
        }
        return sequence;
    }

    /** As {@link #await}, for an entry that has no key. */
    long awaitEvent() throws AuditUnavailable {
        try {
            return await();
        } catch (KeyTaken impossible) {
            throw new IllegalStateException(impossible); // only intents are asked about keys
        }
    }

    private boolean abandon() {
        return state.compareAndSet(State.QUEUED, State.ABANDONED)
                || state.compareAndSet(State.TAKEN, State.ABANDONED);
    }

    private boolean finish() {
        if (!state.compareAndSet(State.TAKEN, State.DONE)) {
            return false;
        }
        LockSupport.unpark(waiter);
        return true;
    }
}
