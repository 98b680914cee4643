package dev.countersign.agent.proxy.traffic;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Traffic as it passes, for whoever looks. While nobody does, a request costs the look at an empty
 * list. A reader that is too slow loses lines, and is told how many; traffic never waits for it.
 */
public final class Tap {
    /** Looking at a time. */
    public static final int MAX_READERS = 4;

    private static final int WAITING = 1024;

    private final List<Reader> readers = new CopyOnWriteArrayList<>();

    /**
     * Begins to look; {@link Reader#close} ends it.
     *
     * @throws IllegalStateException when too many look already
     */
    public synchronized Reader open(TapFilter filter) {
        if (readers.size() >= MAX_READERS) {
            throw new IllegalStateException(
                    "tap: " + readers.size() + " readers (expected: at most " + MAX_READERS + ")");
        }
        Reader reader = new Reader(filter);
        readers.add(reader);
        return reader;
    }

    /** Whether anything has to be shown. */
    boolean watched() {
        return !readers.isEmpty();
    }

    public int readers() {
        return readers.size();
    }

    void show(Observed what) {
        for (Reader reader : readers) {
            reader.offer(what);
        }
    }

    /** One who looks. */
    public final class Reader implements AutoCloseable {
        private final TapFilter filter;
        private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(WAITING);
        private final LongAdder lost = new LongAdder();

        private Reader(TapFilter filter) {
            this.filter = filter;
        }

        /** The next line, JSON without its end; null when none came in time. */
        public @Nullable String next(long timeout, TimeUnit unit) throws InterruptedException {
            return lines.poll(timeout, unit);
        }

        /** Lines that there was no room for, since this was last asked. */
        public long takeLost() {
            return lost.sumThenReset();
        }

        @Override
        public void close() {
            readers.remove(this);
        }

        private void offer(Observed what) {
            if (!filter.matches(what)) {
                return;
            }
            if (lines.remainingCapacity() == 0 || !lines.offer(what.line())) {
                lost.increment();
            }
        }
    }
}
