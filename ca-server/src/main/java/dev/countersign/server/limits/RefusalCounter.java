package dev.countersign.server.limits;

import dev.countersign.server.audit.AuditEvent;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Refusals of callers that nobody vouches for: counted, and written to the log as one entry per
 * reason and minute, so that strangers cannot fill it. An entry is written when its minute is over,
 * by the next refusal of that reason or by {@link #flush}, which the server calls every minute and
 * when it stops.
 */
public final class RefusalCounter {
    /** Reasons are codes of ours; more than these would be a fault, and are counted together. */
    private static final int MAX_REASONS = 64;

    private static final String OTHER = "OTHER";
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_SOURCES = 5;
    private static final int MAX_EXAMPLE = 200;

    private final Consumer<AuditEvent> audit;
    private final Map<String, Window> windows = new HashMap<>();
    private final Map<String, Long> totals = new TreeMap<>();

    /** @param audit takes the entries; must not block */
    public RefusalCounter(Consumer<AuditEvent> audit) {
        this.audit = audit;
    }

    /**
     * Counts one.
     *
     * @param reason stable code
     * @param message what the caller was told; one per minute is kept as an example
     */
    public synchronized void refused(
            String reason, String message, InetAddress source, Instant now) {
        String counted = totals.containsKey(reason) || totals.size() < MAX_REASONS ? reason : OTHER;
        totals.merge(counted, 1L, Long::sum);
        @Nullable Window window = windows.get(counted);
        if (window != null && window.isOver(now)) {
            audit.accept(window.toEvent(counted));
            window = null;
        }
        if (window == null) {
            window = new Window(now, message);
            windows.put(counted, window);
        }
        window.add(source, now);
    }

    /** Writes the entries of the minutes that are over. */
    public void flush(Instant now) {
        flush(now, false);
    }

    /** Writes every entry there is: for shutdown. */
    public void close(Instant now) {
        flush(now, true);
    }

    /** How many were counted so far, by reason: for metrics. */
    public synchronized Map<String, Long> totals() {
        return Map.copyOf(totals);
    }

    private synchronized void flush(Instant now, boolean all) {
        Iterator<Map.Entry<String, Window>> each = windows.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<String, Window> entry = each.next();
            if (all || entry.getValue().isOver(now)) {
                audit.accept(entry.getValue().toEvent(entry.getKey()));
                each.remove();
            }
        }
    }

    private static final class Window {
        private final Instant from;
        private final String example;
        private final Set<String> sources = new LinkedHashSet<>();
        private long count;
        private Instant last;

        Window(Instant from, String example) {
            this.from = from;
            this.last = from;
            this.example =
                    example.length() > MAX_EXAMPLE ? example.substring(0, MAX_EXAMPLE) : example;
        }

        void add(InetAddress source, Instant now) {
            count++;
            last = now;
            if (sources.size() < MAX_SOURCES) {
                sources.add(source.getHostAddress());
            }
        }

        /** A clock set back ends it too. */
        boolean isOver(Instant now) {
            return now.isBefore(from) || !now.isBefore(from.plus(WINDOW));
        }

        AuditEvent toEvent(String reason) {
            return new AuditEvent(
                    AuditEvent.Type.UNATTESTED_REFUSED,
                    last,
                    "",
                    Map.of(
                            "reason", reason,
                            "count", Long.toString(count),
                            "from", from.toString(),
                            "until", last.toString(),
                            "sources", String.join(" ", sources),
                            "example", example));
        }
    }
}
