package dev.countersign.agent.authorization;

import dev.countersign.agent.authorization.DenialWindow.Entry;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.subscription.Denial;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.trust.VerifiedPeer;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers decisions in bounded space. Denials on the same edge within the same second share one
 * id: the first is explained and reported at once, so that the id can be asked about while the caller
 * still looks at it; the repeats are reported, and one line is logged, when the second is over. Every
 * decision is counted under its edge.
 */
public final class DecisionLog {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionLog.class);

    private static final String SHARED =
            "Too many different denials in this second: others share this id, the first of them is"
                    + " explained.\n";

    private final DenialOutbox outbox;
    private final DenialIds ids;
    private final InstantSource clock;
    private final EdgeTable edges;
    private final LongAdder allowed = new LongAdder();
    private final LongAdder denials = new LongAdder();
    private final Deque<DenialWindow> over = new ArrayDeque<>();
    private DenialWindow window = new DenialWindow(Long.MIN_VALUE);

    public DecisionLog(
            DenialOutbox outbox, EdgeTable edges, SecureRandom random, InstantSource clock) {
        this.outbox = outbox;
        this.edges = edges;
        this.ids = new DenialIds(random);
        this.clock = clock;
    }

    /**
     * @param allowed decisions since the start
     * @param denied decisions since the start
     * @param edges that are counted one by one
     * @param uncounted decisions on edges beyond the bound of the table
     */
    public record Counts(long allowed, long denied, int edges, long uncounted) {}

    public Counts counts() {
        return new Counts(allowed.sum(), denials.sum(), edges.size(), edges.overflow());
    }

    /**
     * Ends the second that is over: logs its denials and reports their repeats. Called about once a
     * second, on any thread.
     */
    public void tick() {
        edges.tick();
        roll(clock.instant().getEpochSecond());
        Optional<DenialWindow> next = nextOver();
        while (next.isPresent()) {
            next.get().entries().forEach(this::finish);
            next = nextOver();
        }
    }

    /**
     * @param dryRun what policies in DryRun would have made of it; null where none applies
     */
    void allowed(
            Optional<VerifiedPeer> peer,
            Request request,
            Decision decision,
            @Nullable Decision dryRun) {
        allowed.increment();
        edges.seen(peer, request, decision, dryRun);
    }

    /**
     * One denial, and how to explain it.
     *
     * @param dryRun as {@link DecisionLog#allowed} has it
     * @param destination this agent's own workload, when it is known
     * @param explain renders every policy considered; called once an edge and second
     */
    record Refusal(
            Optional<VerifiedPeer> peer,
            Request request,
            Decision decision,
            @Nullable Decision dryRun,
            Optional<Workload> destination,
            Supplier<String> explain) {}

    /** Returns the id for the caller. */
    String denied(Refusal refusal) {
        denials.increment();
        edges.seen(refusal.peer(), refusal.request(), refusal.decision(), refusal.dryRun());
        Instant now = clock.instant();
        Caller caller = Caller.of(refusal.peer(), refusal.request());
        synchronized (this) {
            roll(now.getEpochSecond());
            Entry entry = window.count(caller, edge -> first(edge, caller, refusal, now));
            if (entry.count == 1) {
                outbox.add(entry.first);
            }
            return entry.first.id();
        }
    }

    private Denial first(Caller edge, Caller caller, Refusal refusal, Instant now) {
        return new Denial(
                ids.next(),
                now,
                1,
                caller.source(),
                Objects.toString(refusal.request().sourceIp(), ""),
                refusal.destination(),
                caller.port(),
                caller.protocol(),
                caller.method(),
                Objects.requireNonNullElse(refusal.request().host(), ""),
                caller.path(),
                refusal.decision(),
                (edge.equals(caller) ? "" : SHARED) + refusal.explain().get());
    }

    private synchronized void roll(long second) {
        // Not "later than": a clock set back opens a new window as well.
        if (window.second() != second) {
            if (!window.entries().isEmpty()) {
                over.add(window);
            }
            window = new DenialWindow(second);
        }
    }

    private synchronized Optional<DenialWindow> nextOver() {
        return Optional.ofNullable(over.poll());
    }

    private void finish(Entry entry) {
        Denial first = entry.first;
        long count;
        synchronized (this) {
            count = entry.count;
        }
        if (count > 1) {
            outbox.add(first.repeated(first.firstSeen(), count));
        }
        LOG.atWarn()
                .addKeyValue("id", first.id())
                .addKeyValue("count", count)
                .addKeyValue("source", first.source().isEmpty() ? "(none)" : first.source())
                .addKeyValue("address", first.sourceAddress())
                .addKeyValue("port", first.port())
                .addKeyValue("protocol", first.protocol())
                .addKeyValue("method", entry.edge.method())
                .addKeyValue("path", printable(entry.edge.path()))
                .addKeyValue("reason", first.decision().reason())
                .addKeyValue("policy", first.decision().policy())
                .addKeyValue("revision", first.decision().revision())
                .log("denied");
    }

    /** A caller's path must not forge a log line. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints()
                .limit(300)
                .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return shown.toString();
    }
}
