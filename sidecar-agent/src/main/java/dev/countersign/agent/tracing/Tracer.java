package dev.countersign.agent.tracing;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Gives each request its place in a trace: the one it brought, or a new one. Thread-safe. */
public final class Tracer {
    private static final HexFormat HEX = HexFormat.of();

    private final double sample;
    private final LongSupplier random;

    /**
     * @param sample of the traces that begin here, how many are recorded, 0 to 1
     * @param random any 64 bits; on any thread
     */
    public Tracer(double sample, LongSupplier random) {
        if (!(sample >= 0 && sample <= 1)) {
            throw new IllegalArgumentException("sample: " + sample + " (expected: 0..1)");
        }
        this.sample = sample;
        this.random = random;
    }

    /**
     * The span of a request; whoever began its trace has decided whether it is recorded.
     *
     * @param traceparents what the request says, one for each line
     */
    public SpanContext begin(List<String> traceparents) {
        Optional<TraceParent> parent = TraceParent.of(traceparents);
        String own = HEX.toHexDigits(id());
        return parent.map(from ->
                        new SpanContext(from.traceId(), from.parentId(), own, from.sampled()))
                .orElseGet(() -> newTrace(own));
    }

    private SpanContext newTrace(String own) {
        long low = id();
        String trace = HEX.toHexDigits(id()) + HEX.toHexDigits(low);
        return new SpanContext(trace, "", own, (low >>> 1) < sample * Long.MAX_VALUE);
    }

    private long id() {
        long id = random.getAsLong();
        return id == 0 ? 1 : id;
    }
}
