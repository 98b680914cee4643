package dev.countersign.agent.tracing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Spans on their way to a collector, in bounded number. Thread-safe; one reader. */
public final class SpanQueue {
    private final BlockingQueue<Span> spans;
    private final LongAdder dropped = new LongAdder();

    public SpanQueue(int capacity) {
        spans = new ArrayBlockingQueue<>(capacity);
    }

    /** Never waits: where there is no room the span is dropped and counted. */
    public void offer(Span span) {
        if (!spans.offer(span)) {
            dropped.increment();
        }
    }

    /** Spans that there was no room for. */
    public long dropped() {
        return dropped.sum();
    }

    /** At least one span and what comes within {@code linger} after it, {@code most} at most. */
    List<Span> next(int most, Duration linger) throws InterruptedException {
        List<Span> batch = new ArrayList<>();
        batch.add(spans.take());
        long end = System.nanoTime() + linger.toNanos();
        while (batch.size() < most) {
            if (spans.drainTo(batch, most - batch.size()) > 0) {
                continue;
            }
            Span next = spans.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            batch.add(next);
        }
        return batch;
    }

    /** What waits now. */
    List<Span> rest(int most) {
        List<Span> batch = new ArrayList<>();
        spans.drainTo(batch, most);
        return batch;
    }
}
