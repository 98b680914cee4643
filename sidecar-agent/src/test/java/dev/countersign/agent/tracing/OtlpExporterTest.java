package dev.countersign.agent.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.identity.SpiffeId;
import io.opentelemetry.proto.trace.v1.Status;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Towards a collector on a real socket, which reads what it is sent by OpenTelemetry's own messages. */
final class OtlpExporterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SpanContext CONTEXT =
            new SpanContext(
                    "4bf92f3577b34da6a3ce929d0e0e4736",
                    "00f067aa0ba902b7",
                    "b7ad6b7169203331",
                    true);

    private final Collector collector = new Collector();
    private final SpanQueue queue = new SpanQueue(4);

    @AfterEach
    void close() {
        collector.close();
    }

    @Test
    void aSpanArrivesWithAllItsFacts() throws Exception {
        try (OtlpExporter exporter = exporter(collector.endpoint())) {
            queue.offer(span());

            await().atMost(PATIENCE).until(() -> exporter.exported() == 1);
        }
        assertThat(collector.resources())
                .singleElement()
                .satisfies(resource ->
                        assertThat(Collector.facts(resource.getAttributesList()))
                                .containsEntry("service.name", "orders")
                                .containsEntry("service.namespace", "shop"));
        assertThat(collector.spans())
                .singleElement()
                .satisfies(span -> {
                    assertThat(Collector.hex(span.getTraceId())).isEqualTo(CONTEXT.traceId());
                    assertThat(Collector.hex(span.getSpanId())).isEqualTo(CONTEXT.spanId());
                    assertThat(Collector.hex(span.getParentSpanId())).isEqualTo(CONTEXT.parentId());
                    assertThat(span.getName()).isEqualTo("GET");
                    assertThat(span.getKind())
                            .isEqualTo(
                                    io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER);
                    assertThat(span.getStartTimeUnixNano()).isEqualTo(1_000);
                    assertThat(span.getEndTimeUnixNano()).isEqualTo(2_500);
                    assertThat(span.getStatus().getCode())
                            .isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
                    assertThat(span.getUnknownFields().asMap()).isEmpty();
                    assertThat(Collector.facts(span.getAttributesList()))
                            .containsEntry("url.path", "/ä")
                            .containsEntry("http.response.status_code", "503");
                });
    }

    @Test
    void aCollectorThatIsOverloadedIsAskedAgain() throws Exception {
        collector.answer(503);
        try (OtlpExporter exporter = exporter(collector.endpoint())) {
            queue.offer(span());
            await().atMost(PATIENCE).until(() -> collector.requests() > 0);
            collector.answer(200);
            await().atMost(PATIENCE).until(() -> exporter.exported() == 1);
            assertThat(exporter.lost()).isZero();
        }
    }

    @Test
    void whatACollectorRefusesIsCountedAndNotSentAgain() throws Exception {
        collector.answer(400);
        try (OtlpExporter exporter = exporter(collector.endpoint())) {
            queue.offer(span());
            await().atMost(PATIENCE).until(() -> exporter.lost() == 1);
            assertThat(collector.requests()).isEqualTo(1);
        }
    }

    @Test
    void whatThereIsNoRoomForIsDroppedAndCounted() {
        for (int i = 0; i < 10; i++) {
            queue.offer(span());
        }
        assertThat(queue.dropped()).isEqualTo(6);
    }

    @Test
    void closingSendsWhatWaits() throws Exception {
        OtlpExporter exporter = exporter(collector.endpoint());
        queue.offer(span());
        exporter.close();
        assertThat(exporter.exported() + exporter.lost()).isEqualTo(1);
        assertThat(collector.spans()).hasSize((int) exporter.exported());
    }

    private OtlpExporter exporter(URI endpoint) {
        return OtlpExporter.start(
                new TracingSettings(endpoint, 1, 4),
                queue,
                () -> Optional.of(SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/orders")),
                "test",
                new SplittableRandom(1));
    }

    private static Span span() {
        return new Span(
                CONTEXT,
                "GET",
                Span.Kind.SERVER,
                1_000,
                2_500,
                List.of(
                        new Span.Attribute.Text("url.path", "/ä"),
                        new Span.Attribute.Whole("http.response.status_code", 503)),
                true);
    }
}
