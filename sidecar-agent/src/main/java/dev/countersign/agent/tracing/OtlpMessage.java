package dev.countersign.agent.tracing;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/**
 * Writes spans as OTLP has them ({@code ExportTraceServiceRequest} of opentelemetry-proto v1). Each
 * method writes one message; the numbers are that message's fields.
 */
final class OtlpMessage {
    private static final String SCOPE = "countersign";
    private static final int STATUS_ERROR = 2;
    private static final int FLAG_SAMPLED = 1;

    private OtlpMessage() {}

    /**
     * The body of one export.
     *
     * @param resource facts of this agent
     */
    static byte[] of(List<Span.Attribute> resource, String version, List<Span> spans) {
        byte[] scopeSpans =
                message(out -> {
                    out.writeByteArray(1, scope(version));
                    for (Span span : spans) {
                        out.writeByteArray(2, span(span));
                    }
                });
        byte[] resourceSpans =
                message(out -> {
                    out.writeByteArray(1, message(facts -> attributes(facts, 1, resource)));
                    out.writeByteArray(2, scopeSpans);
                });
        return message(out -> out.writeByteArray(1, resourceSpans));
    }

    private static byte[] scope(String version) {
        return message(out -> {
            out.writeString(1, SCOPE);
            out.writeString(2, version);
        });
    }

    private static byte[] span(Span span) {
        SpanContext context = span.context();
        return message(out -> {
            out.writeByteArray(1, HexFormat.of().parseHex(context.traceId()));
            out.writeByteArray(2, HexFormat.of().parseHex(context.spanId()));
            if (context.continued()) {
                out.writeByteArray(4, HexFormat.of().parseHex(context.parentId()));
            }
            out.writeString(5, span.name());
            out.writeEnum(6, span.kind().number());
            out.writeFixed64(7, span.startNanos());
            out.writeFixed64(8, span.endNanos());
            attributes(out, 9, span.attributes());
            if (span.failed()) {
                out.writeByteArray(15, message(status -> status.writeEnum(3, STATUS_ERROR)));
            }
            out.writeFixed32(16, FLAG_SAMPLED);
        });
    }

    private static void attributes(
            CodedOutputStream out, int field, List<Span.Attribute> attributes) throws IOException {
        for (Span.Attribute attribute : attributes) {
            byte[] value =
                    switch (attribute) {
                        case Span.Attribute.Text text ->
                                message(any -> any.writeString(1, text.value()));
                        case Span.Attribute.Whole whole ->
                                message(any -> any.writeInt64(3, whole.value()));
                    };
            out.writeByteArray(
                    field,
                    message(pair -> {
                        pair.writeString(1, attribute.name());
                        pair.writeByteArray(2, value);
                    }));
        }
    }

    private static byte[] message(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writer.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("written to memory", e);
        }
        return bytes.toByteArray();
    }

    @FunctionalInterface
    private interface Writer {
        void write(CodedOutputStream out) throws IOException;
    }
}
