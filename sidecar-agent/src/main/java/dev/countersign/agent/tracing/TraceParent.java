package dev.countersign.agent.tracing;

import java.util.List;
import java.util.Optional;

/**
 * What a {@code traceparent} field says (W3C Trace Context, section 3.2).
 *
 * @param traceId 32 lower-case hex digits, not all zero
 * @param parentId 16 lower-case hex digits, not all zero
 * @param sampled whether whoever sent it records the trace
 */
record TraceParent(String traceId, String parentId, boolean sampled) {
    static final int TRACE_DIGITS = 32;
    static final int SPAN_DIGITS = 16;
    private static final int TRACE_AT = 3;
    private static final int PARENT_AT = TRACE_AT + TRACE_DIGITS + 1;
    private static final int FLAGS_AT = PARENT_AT + SPAN_DIGITS + 1;
    private static final int LENGTH = FLAGS_AT + 2;
    private static final int HEX = 16;

    /**
     * Reads the lines of that name; empty when there is none, there are several, or it is not exactly
     * as the specification writes it. Of a version that is newer than ours the first four parts are
     * read, as the specification asks.
     */
    static Optional<TraceParent> of(List<String> lines) {
        if (lines.size() != 1 || !isWellFormed(lines.getFirst())) {
            return Optional.empty();
        }
        String text = lines.getFirst();
        String trace = text.substring(TRACE_AT, TRACE_AT + TRACE_DIGITS);
        String parent = text.substring(PARENT_AT, PARENT_AT + SPAN_DIGITS);
        if (isZero(trace) || isZero(parent)) {
            return Optional.empty();
        }
        int flags = Integer.parseInt(text.substring(FLAGS_AT, LENGTH), HEX);
        return Optional.of(new TraceParent(trace, parent, (flags & 1) == 1));
    }

    private static boolean isWellFormed(String text) {
        if (text.length() < LENGTH || text.startsWith("ff")) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            boolean dash = i == TRACE_AT - 1 || i == PARENT_AT - 1 || i == FLAGS_AT - 1;
            if (dash ? text.charAt(i) != '-' : !isHex(text.charAt(i))) {
                return false;
            }
        }
        return text.length() == LENGTH || (!text.startsWith("00") && text.charAt(LENGTH) == '-');
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    private static boolean isZero(String digits) {
        return digits.chars().allMatch(c -> c == '0');
    }
}
