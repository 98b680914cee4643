package dev.countersign.agent.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Denials that wait for the stream. Bounded: when it is full the newest is dropped and counted, so
 * that the ids given out first, which admins ask about, stay resolvable.
 */
public final class DenialOutbox {
    /** About 20 MB at worst, a few hundred KB as a rule. */
    static final int CAPACITY = 2000;

    /** The contract's bound on one report. */
    static final int BATCH = 500;

    private final Deque<Denial> waiting = new ArrayDeque<>();
    private long dropped;
    private volatile Runnable onFirst = () -> {};

    /** Adds one at the end; never blocks. */
    public void add(Denial denial) {
        boolean first;
        synchronized (this) {
            first = waiting.isEmpty();
            if (waiting.size() >= CAPACITY) {
                dropped++;
            } else {
                waiting.add(denial);
            }
        }
        if (first) {
            onFirst.run();
        }
    }

    /** Called when something waits where nothing did, on the thread that added it. */
    void onFirst(Runnable listener) {
        onFirst = listener;
    }

    /** Takes up to {@link #BATCH} of the oldest. */
    synchronized Batch take() {
        List<Denial> batch = new ArrayList<>(Math.min(BATCH, waiting.size()));
        while (batch.size() < BATCH && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        Batch taken = new Batch(batch, dropped);
        dropped = 0;
        return taken;
    }

    /**
     * @param denials at most {@link #BATCH}
     * @param dropped since the last batch
     */
    record Batch(List<Denial> denials, long dropped) {
        boolean isEmpty() {
            return denials.isEmpty() && dropped == 0;
        }
    }
}
