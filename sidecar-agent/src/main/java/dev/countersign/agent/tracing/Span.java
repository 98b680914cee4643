package dev.countersign.agent.tracing;

import java.util.List;

/**
 * A request that is over, as it is told to a collector.
 *
 * @param name what was asked for, of few different values
 * @param kind which side of it we were
 * @param startNanos since the epoch
 * @param endNanos since the epoch
 * @param attributes names as OpenTelemetry's conventions have them, or ours with {@code countersign.}
 * @param failed whether it went wrong
 */
public record Span(
        SpanContext context,
        String name,
        Kind kind,
        long startNanos,
        long endNanos,
        List<Attribute> attributes,
        boolean failed) {
    public Span {
        attributes = List.copyOf(attributes);
    }

    /** Numbers as OTLP has them. */
    public enum Kind {
        SERVER(2),
        CLIENT(3);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /** One fact. */
    public sealed interface Attribute {
        String name();

        record Text(String name, String value) implements Attribute {}

        record Whole(String name, long value) implements Attribute {}
    }
}
