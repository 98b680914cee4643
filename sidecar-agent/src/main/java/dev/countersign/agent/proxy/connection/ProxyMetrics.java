package dev.countersign.agent.proxy.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Counters, all resolved before the first request: nothing is looked up on the hot path. */
public final class ProxyMetrics implements RequestEnds {
    private static final int CLASSES = 6;
    private static final int HUNDRED = 100;

    private final MeterRegistry meters;
    private final Map<Direction, Map<RequestOutcome, Counter[]>> requests =
            new EnumMap<>(Direction.class);
    private final Map<Direction, Map<RequestOutcome, Counter>> tcp = new EnumMap<>(Direction.class);
    private final Map<Direction, AtomicInteger> open = new EnumMap<>(Direction.class);
    private final ConcurrentMap<String, Counter> handshakes = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Counter> refusals = new ConcurrentHashMap<>();
    private final Counter closedByPolicy;
    private final Counter closedByExpiry;
    private final Counter retries;
    private final Counter closedStreams;

    public ProxyMetrics(MeterRegistry meters) {
        this.meters = meters;
        for (Direction direction : Direction.values()) {
            Map<RequestOutcome, Counter[]> ofRequests = new EnumMap<>(RequestOutcome.class);
            Map<RequestOutcome, Counter> ofTcp = new EnumMap<>(RequestOutcome.class);
            for (RequestOutcome outcome : RequestOutcome.values()) {
                ofRequests.put(outcome, requestCounters(direction, outcome));
                ofTcp.put(outcome, tcpCounter(direction, outcome));
            }
            requests.put(direction, ofRequests);
            tcp.put(direction, ofTcp);
            AtomicInteger count = new AtomicInteger();
            meters.gauge(
                    "countersign.agent.connections.open",
                    Tags.of("direction", label(direction)),
                    count);
            open.put(direction, count);
        }
        closedByPolicy =
                Counter.builder("countersign.agent.connections.closed.by.change")
                        .description("open connections closed by a policy, bundle or deny change")
                        .register(meters);
        closedByExpiry =
                Counter.builder("countersign.agent.connections.closed.by.expiry")
                        .description(
                                "open connections closed because their peer's certificate ends")
                        .register(meters);
        closedStreams =
                Counter.builder("countersign.agent.streams.closed.by.change")
                        .description("HTTP/2 streams ended by a change of policies")
                        .register(meters);
        retries =
                Counter.builder("countersign.agent.requests.retried")
                        .description("requests sent again because a kept connection had gone stale")
                        .register(meters);
    }

    @Override
    public void ended(EndedRequest request) {
        of(of(requests, request.direction()), request.outcome())[request.status() / HUNDRED]
                .increment();
    }

    public void tcp(Direction direction, RequestOutcome outcome) {
        of(of(tcp, direction), outcome).increment();
    }

    /** Cold path: codes are constants, so the number of series is bounded. */
    public void handshakeRefused(Direction direction, HandshakeRefusal refusal) {
        handshakes
                .computeIfAbsent(
                        direction + refusal.code(),
                        key ->
                                Counter.builder("countersign.agent.handshakes.refused")
                                        .description("connections refused before any relay")
                                        .tag("direction", label(direction))
                                        .tag("reason", refusal.code())
                                        .register(meters))
                .increment();
    }

    /** Cold path: requests refused for their syntax, by reason. */
    public void requestRefused(Direction direction, String reason) {
        refusals.computeIfAbsent(
                        direction + reason,
                        key ->
                                Counter.builder("countersign.agent.requests.refused")
                                        .description("requests refused by the strict parser")
                                        .tag("direction", label(direction))
                                        .tag("reason", reason)
                                        .register(meters))
                .increment();
    }

    public void closedByChange() {
        closedByPolicy.increment();
    }

    public void streamClosedByChange() {
        closedStreams.increment();
    }

    public void closedByExpiry() {
        closedByExpiry.increment();
    }

    /** Has the connections counted that are open although their peer's certificate has ended. */
    void outlived(Supplier<Number> count) {
        Gauge.builder("countersign.agent.connections.outlived", count)
                .description("open connections whose peer's certificate has ended")
                .register(meters);
    }

    public void retried() {
        retries.increment();
    }

    void opened(Direction direction) {
        of(open, direction).incrementAndGet();
    }

    void closed(Direction direction) {
        of(open, direction).decrementAndGet();
    }

    private Counter[] requestCounters(Direction direction, RequestOutcome outcome) {
        Counter[] counters = new Counter[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            counters[i] =
                    Counter.builder("countersign.agent.requests")
                            .description("HTTP requests by outcome and response class")
                            .tag("direction", label(direction))
                            .tag("outcome", label(outcome))
                            .tag("code", i == 0 ? "none" : i + "xx")
                            .register(meters);
        }
        return counters;
    }

    private Counter tcpCounter(Direction direction, RequestOutcome outcome) {
        return Counter.builder("countersign.agent.tcp.connections")
                .description("opaque connections by outcome")
                .tag("direction", label(direction))
                .tag("outcome", label(outcome))
                .register(meters);
    }

    /** Every key was entered by the constructor. */
    private static <K, V> V of(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key));
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
