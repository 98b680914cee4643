package dev.countersign.agent.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Denials that wait for the stream, and those on their way until the server says that they are on
 * record. Bounded: when it is full the newest is dropped and counted, so that the ids given out first,
 * which admins ask about, stay resolvable.
 */
public final class DenialOutbox {
    /** Waiting and on their way; about 20 MB at worst, a few hundred KB as a rule. */
    static final int CAPACITY = 2000;

    /** The contract's bound on one report. */
    static final int BATCH = 500;

    private final Deque<Denial> waiting = new ArrayDeque<>();
    private @Nullable Batch onItsWay;
    private long sequence;
    private long dropped;
    private long droppedInAll;
    private volatile Runnable onFirst = () -> {};

    /** Adds one at the end; never blocks. */
    public void add(Denial denial) {
        boolean first;
        synchronized (this) {
            first = waiting.isEmpty();
            int kept = waiting.size() + (onItsWay == null ? 0 : onItsWay.denials().size());
            if (kept >= CAPACITY) {
                dropped++;
                droppedInAll++;
            } else {
                waiting.add(denial);
            }
        }
        if (first) {
            onFirst.run();
        }
    }

    /** Denials that nobody will be able to ask about. */
    public synchronized long dropped() {
        return droppedInAll;
    }

    /** Called when something waits where nothing did, on the thread that added it. */
    void onFirst(Runnable listener) {
        onFirst = listener;
    }

    /**
     * What is to be sent: the batch that has no receipt yet, unchanged, else up to {@link #BATCH} of
     * the oldest; empty when there is nothing.
     */
    synchronized Optional<Batch> next() {
        if (onItsWay == null && (!waiting.isEmpty() || dropped > 0)) {
            List<Denial> batch = new ArrayList<>(Math.min(BATCH, waiting.size()));
            while (batch.size() < BATCH && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            sequence++;
            onItsWay = new Batch(sequence, List.copyOf(batch), dropped);
            dropped = 0;
        }
        return Optional.ofNullable(onItsWay);
    }

    /** The server has the batch with this number; any other number says nothing. */
    synchronized void received(long number) {
        if (onItsWay != null && onItsWay.sequence() == number) {
            onItsWay = null;
        }
    }

    /**
     * @param sequence from 1, rising
     * @param denials at most {@link #BATCH}
     * @param dropped since the batch before
     */
    record Batch(long sequence, List<Denial> denials, long dropped) {}
}
