package dev.countersign.agent.proxy;

import dev.countersign.agent.provider.HeaderField;
import dev.countersign.agent.proxy.http.RequestHead;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.agent.tracing.Tracer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes out of a head what it says of its trace, when it has been decided; ours takes its place. */
record TracedHead(Optional<Tracer> tracer) {
    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";
    private static final int MAX_STATE = 512;

    /** Null where nobody traces: then the fields go on as they are. */
    @Nullable SpanContext begin(RequestHead head) {
        if (tracer.isEmpty()) {
            return null;
        }
        SpanContext place = tracer.get().begin(head.fieldLines(PARENT));
        head.drop(PARENT);
        if (!place.continued() || length(head.fieldLines(STATE)) > MAX_STATE) {
            head.drop(STATE);
        }
        return place;
    }

    static HeaderField field(SpanContext place) {
        return new HeaderField(PARENT, place.traceparent());
    }

    private static int length(List<String> lines) {
        return lines.stream().mapToInt(String::length).sum();
    }
}
