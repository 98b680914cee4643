package dev.countersign.agent.tracing;

/**
 * One request's place in its trace.
 *
 * @param traceId 32 lower-case hex digits
 * @param parentId the span that it comes from, 16 lower-case hex digits; empty where the trace begins
 * @param spanId ours
 * @param sampled whether the trace is recorded
 */
public record SpanContext(String traceId, String parentId, String spanId, boolean sampled) {
    /** Whether the request brought a trace. */
    public boolean continued() {
        return !parentId.isEmpty();
    }

    /** What the request says from here on; a span that nobody records is nobody's parent. */
    public String traceparent() {
        String from = sampled || !continued() ? spanId : parentId;
        return "00-" + traceId + '-' + from + (sampled ? "-01" : "-00");
    }
}
