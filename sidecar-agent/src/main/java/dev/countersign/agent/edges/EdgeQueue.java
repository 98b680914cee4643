package dev.countersign.agent.edges;

import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.ReportedEdge;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the server does not know yet. One report is under way at a time; until it is acknowledged the
 * same report is given out again, so that a stream that breaks loses nothing and doubles nothing.
 */
final class EdgeQueue {
    /** How often repeats are reported, and the server hears from an agent that saw nothing. */
    static final Duration FLUSH = Duration.ofMinutes(1);

    private final Deque<Entry> waiting = new ArrayDeque<>();
    private final List<Entry> retired = new ArrayList<>();
    private @Nullable Sent sent;
    private long sequence;
    private long overflowReported;
    private Instant flushed;
    private boolean flushOwed = true;

    EdgeQueue(Instant now) {
        this.flushed = now;
    }

    /** A report and what it accounts for. */
    private record Sent(EdgeReport report, List<Entry> entries) {}

    synchronized void fresh(Entry entry) {
        enqueue(entry);
    }

    synchronized Optional<EdgeReport> next(
            Instant now, Supplier<List<Entry>> entries, long overflow) {
        Sent again = sent;
        if (again != null) {
            return Optional.of(again.report());
        }
        // Also when the clock went back.
        if (now.isBefore(flushed) || !now.isBefore(flushed.plus(FLUSH))) {
            flushed = now;
            flush(entries.get());
        }
        return waiting.isEmpty() && !flushOwed
                ? Optional.empty()
                : Optional.of(make(overflow, false));
    }

    synchronized void acknowledged(long acknowledged) {
        if (sent != null && sent.report().sequence() == acknowledged) {
            sent = null;
        }
    }

    synchronized List<EdgeReport> lastWords(List<Entry> entries, long overflow) {
        List<EdgeReport> words = new ArrayList<>();
        if (sent != null) {
            words.add(sent.report());
        }
        flush(entries);
        boolean last = false;
        while (!last) {
            last = waiting.size() <= EdgeReport.MAX_EDGES;
            words.add(make(overflow, last));
        }
        return words;
    }

    /** Whether nothing of this entry is unsaid, so that it may go; what comes late is still said. */
    synchronized boolean retire(Entry entry) {
        if (entry.queued || entry.count.get() != entry.reported || accounts(entry)) {
            return false;
        }
        retired.add(entry);
        return true;
    }

    private boolean accounts(Entry entry) {
        return sent != null && sent.entries().contains(entry);
    }

    private void flush(List<Entry> entries) {
        flushOwed = true;
        entries.forEach(this::enqueue);
        retired.forEach(this::enqueue);
        retired.clear();
    }

    private void enqueue(Entry entry) {
        if (!entry.queued && entry.count.get() > entry.reported) {
            entry.queued = true;
            waiting.add(entry);
        }
    }

    private EdgeReport make(long overflow, boolean last) {
        List<Entry> entries = new ArrayList<>();
        List<ReportedEdge> edges = new ArrayList<>();
        while (edges.size() < EdgeReport.MAX_EDGES && !waiting.isEmpty()) {
            Entry entry = waiting.remove();
            long upTo = entry.count.get();
            ReportedEdge edge = entry.report(upTo);
            edges.add(edge);
            entries.add(entry);
            entry.queued = false;
            entry.reported = upTo;
            entry.reportedAt = edge.lastSeen().toEpochMilli();
        }
        flushOwed = flushOwed && !waiting.isEmpty();
        sequence++;
        EdgeReport report = new EdgeReport(sequence, overflow - overflowReported, last, edges);
        overflowReported = overflow;
        sent = new Sent(report, entries);
        return report;
    }
}
