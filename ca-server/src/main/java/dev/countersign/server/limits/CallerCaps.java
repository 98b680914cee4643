package dev.countersign.server.limits;

import dev.countersign.server.limits.Verdict.Limit;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Caps on callers of whom nothing is known but the address. The source's own cap is asked first, so
 * that one that floods does not also use up the cap of all.
 */
public final class CallerCaps {
    private final Settings settings;
    private final Meters<Source> sourceHandshakes;
    private final Meters<Boolean> handshakes;
    private final Meters<Source> sourceTokenChecks;
    private final Meters<Boolean> tokenChecks;
    private final ConcurrentMap<Source, Integer> open = new ConcurrentHashMap<>();
    private final AtomicInteger allOpen = new AtomicInteger();

    /** @param nanoClock {@code System::nanoTime} */
    public CallerCaps(Settings settings, LongSupplier nanoClock) {
        this.settings = settings;
        this.sourceHandshakes =
                new Meters<>(settings.sourceHandshakes(), settings.maxSources(), nanoClock);
        this.handshakes = new Meters<>(settings.handshakes(), 1, nanoClock);
        this.sourceTokenChecks =
                new Meters<>(settings.sourceTokenChecks(), settings.maxSources(), nanoClock);
        this.tokenChecks = new Meters<>(settings.tokenChecks(), 1, nanoClock);
    }

    /** Asked before a TLS handshake is begun. */
    public Verdict handshake(InetAddress caller) {
        Verdict own =
                Verdict.of(Limit.CAP_SOURCE_HANDSHAKES, sourceHandshakes.take(Source.of(caller)));
        return own.passes() ? Verdict.of(Limit.CAP_HANDSHAKES, handshakes.take(true)) : own;
    }

    /** Asked before a token is looked at. */
    public Verdict tokenCheck(InetAddress caller) {
        Verdict own =
                Verdict.of(
                        Limit.CAP_SOURCE_TOKEN_CHECKS, sourceTokenChecks.take(Source.of(caller)));
        return own.passes() ? Verdict.of(Limit.CAP_TOKEN_CHECKS, tokenChecks.take(true)) : own;
    }

    /** Asked when a connection is accepted; an {@link Open} one must be closed when it ends. */
    public Connection connect(InetAddress caller) {
        Source source = Source.of(caller);
        if (allOpen.incrementAndGet() > settings.connections()) {
            allOpen.decrementAndGet();
            return new Full(Limit.CAP_CONNECTIONS);
        }
        if (open.merge(source, 1, Integer::sum) > settings.sourceConnections()) {
            leave(source);
            return new Full(Limit.CAP_SOURCE_CONNECTIONS);
        }
        return new Open(this, source);
    }

    public int connections() {
        return allOpen.get();
    }

    private void leave(Source source) {
        open.computeIfPresent(source, (same, count) -> count == 1 ? null : count - 1);
        allOpen.decrementAndGet();
    }

    /** Whether there is room for a connection. */
    public sealed interface Connection {}

    /** There is none. */
    public record Full(Limit limit) implements Connection {}

    /** There is, and it is taken until {@link #close}. */
    public static final class Open implements Connection, AutoCloseable {
        private final CallerCaps caps;
        private final Source source;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Open(CallerCaps caps, Source source) {
            this.caps = caps;
            this.source = source;
        }

        /** Once is enough, twice does no harm. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                caps.leave(source);
            }
        }
    }

    /**
     * The caps. Callers behind one translated address share its caps.
     *
     * @param sourceHandshakes TLS handshakes of one source
     * @param handshakes TLS handshakes of all
     * @param sourceTokenChecks token checks of one source
     * @param tokenChecks token checks of all
     * @param sourceConnections open connections of one source
     * @param connections open connections of all
     * @param maxSources how many sources are told apart
     */
    public record Settings(
            Rate sourceHandshakes,
            Rate handshakes,
            Rate sourceTokenChecks,
            Rate tokenChecks,
            int sourceConnections,
            int connections,
            int maxSources) {
        /** Room for a node whose pods all restart at once; far below what a core can verify. */
        public static final Settings DEFAULT =
                new Settings(
                        Rate.of(200, 1_000),
                        Rate.of(2_000, 10_000),
                        Rate.of(500, 2_000),
                        Rate.of(10_000, 20_000),
                        2_000,
                        50_000,
                        50_000);

        public Settings {
            atLeastOne("sourceConnections", sourceConnections);
            atLeastOne("connections", connections);
            atLeastOne("maxSources", maxSources);
        }

        private static void atLeastOne(String what, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(what + ": " + value + " (expected: >= 1)");
            }
        }
    }
}
