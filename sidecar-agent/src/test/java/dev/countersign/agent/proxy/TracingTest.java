package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.agent.proxy.traffic.TapFilter;
import dev.countersign.agent.tracing.Collector;
import dev.countersign.agent.tracing.OtlpExporter;
import dev.countersign.agent.tracing.SpanQueue;
import dev.countersign.agent.tracing.TracingSettings;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request through the pair, its two spans at a collector, and what the application is told. */
final class TracingTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final Pattern FIELD =
            Pattern.compile("traceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])\r\n");

    private final HttpBackend backend = new HttpBackend();
    private final Http2Backend rpc = new Http2Backend();
    private final Collector collector = new Collector();
    private final SpanQueue spans = new SpanQueue(64);
    private OtlpExporter exporter;

    @BeforeEach
    void export() {
        exporter =
                OtlpExporter.start(
                        new TracingSettings(collector.endpoint(), 1, 64),
                        spans,
                        Optional::empty,
                        "test",
                        new SplittableRandom(1));
    }

    @AfterEach
    void close() throws Exception {
        exporter.close();
        collector.close();
        backend.close();
        rpc.close();
    }

    @Test
    void aTraceThatTheApplicationBeganGoesThroughBothAgentsToTheOther() throws Exception {
        Matcher told =
                get("traceparent: 00-" + TRACE + "-" + PARENT + "-01", "TraceState: vendor=1");

        assertThat(backend.heads().getLast()).contains("TraceState: vendor=1\r\n");
        assertThat(told.group(1)).isEqualTo(TRACE);
        Span outbound = span(SpanKind.SPAN_KIND_CLIENT);
        Span inbound = span(SpanKind.SPAN_KIND_SERVER);
        assertThat(Collector.hex(outbound.getTraceId())).isEqualTo(TRACE);
        assertThat(Collector.hex(outbound.getParentSpanId())).isEqualTo(PARENT);
        assertThat(inbound.getTraceId()).isEqualTo(outbound.getTraceId());
        assertThat(inbound.getParentSpanId()).isEqualTo(outbound.getSpanId());
        assertThat(told.group(2)).isEqualTo(Collector.hex(inbound.getSpanId()));
        assertThat(Collector.facts(inbound.getAttributesList()))
                .containsEntry("url.path", "/a")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("countersign.decision", "allowed")
                .containsEntry("countersign.peer", "spiffe://mesh.test/ns/shop/sa/web");
        assertThat(inbound.getStartTimeUnixNano()).isLessThan(inbound.getEndTimeUnixNano());
    }

    @Test
    void aRequestWithoutATraceOrWithABrokenOneBeginsItsOwn() throws Exception {
        assertThat(get().group(1)).isNotEqualTo(TRACE);
        assertThat(
                        get("traceparent: 00-" + TRACE + "-" + PARENT + "-1", "tracestate: v=1")
                                .group(1))
                .isNotEqualTo(TRACE);
        assertThat(backend.heads().getLast()).doesNotContain("tracestate");
        assertThat(
                        get(
                                        "traceparent: 00-" + TRACE + "-" + PARENT + "-01",
                                        "Traceparent: 00-" + TRACE + "-" + PARENT + "-01")
                                .group(1))
                .isNotEqualTo(TRACE);
    }

    @Test
    void whatItsBeginnerDoesNotRecordGoesOnAsItIsAndMakesNoSpan() throws Exception {
        Matcher told = get("traceparent: 00-" + TRACE + "-" + PARENT + "-00");

        assertThat(told.group()).contains("00-" + TRACE + "-" + PARENT + "-00");
        get();
        span(SpanKind.SPAN_KIND_SERVER);
        assertThat(collector.spans())
                .noneMatch(span -> Collector.hex(span.getTraceId()).equals(TRACE));
    }

    @Test
    void aStreamOfHttp2CarriesItTooAndSaysWhenItWasDenied() throws Exception {
        try (Mesh mesh = mesh(rpc.address());
                Http2Wire client = Http2Wire.client(mesh.dial())) {
            String field = "00-" + TRACE + "-" + PARENT + "-01";
            client.request(1, true, "GET", "/", "traceparent", field);
            assertThat(client.answer(1).status()).isEqualTo("200");
            assertThat(rpc.heads().getLast().get("traceparent"))
                    .matches("00-" + TRACE + "-(?!" + PARENT + ")[0-9a-f]{16}-01");

            mesh.authorizer.rule(request -> false);
            client.request(3, true, "GET", "/", "traceparent", field);
            assertThat(client.answer(3).status()).isEqualTo("403");
        }
        await().atMost(Mesh.PATIENCE)
                .untilAsserted(() ->
                        assertThat(collector.spans())
                                .hasSize(4)
                                .filteredOn(span -> span.getKind() == SpanKind.SPAN_KIND_SERVER)
                                .anySatisfy(span ->
                                        assertThat(Collector.facts(span.getAttributesList()))
                                                .containsEntry("countersign.decision", "denied")
                                                .containsKey("countersign.denial_id")));
    }

    @Test
    void linesOfTheAccessLogNameTheTraceTheyBelongTo() throws Exception {
        try (Mesh mesh = mesh(backend.address());
                Tap.Reader lines = mesh.tap.open(TapFilter.ALL);
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            mesh.authorizer.rule(request -> !"/denied".equals(request.path()));
            String field = "traceparent: 00-" + TRACE + "-" + PARENT + "-01";
            client.send("GET /a HTTP/1.1", "Host: orders", field);
            assertThat(client.receive().status()).isEqualTo(200);
            client.send("GET /denied HTTP/1.1", "Host: orders", field);
            assertThat(client.receive().status()).isEqualTo(403);

            for (String path : List.of("/a", "/denied")) {
                assertThat(lines.next(Mesh.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .contains("\"path\":\"" + path + "\"")
                        .contains("\"traceId\":\"" + TRACE + "\"");
            }
        }
    }

    @Test
    void whereNobodyTracesTheFieldGoesOnAsItCame() throws Exception {
        try (Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("GET /a HTTP/1.1", "Host: orders", "traceparent: whatever");
            assertThat(client.receive().status()).isEqualTo(200);
        }
        assertThat(backend.heads().getLast()).contains("traceparent: whatever\r\n");
    }

    /** What the application was told. */
    private Matcher get(String... fields) throws Exception {
        try (Mesh mesh = mesh(backend.address());
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            String[] lines = new String[fields.length + 2];
            lines[0] = "GET /a HTTP/1.1";
            lines[1] = "Host: orders";
            System.arraycopy(fields, 0, lines, 2, fields.length);
            client.send(lines);
            assertThat(client.receive().status()).isEqualTo(200);
        }
        Matcher told = FIELD.matcher(backend.heads().getLast());
        assertThat(told.find()).as(backend.heads().getLast()).isTrue();
        return told;
    }

    private Mesh mesh(InetSocketAddress application) {
        return Mesh.Setup.of(application, Protocol.HTTP).traced(spans).open();
    }

    private Span span(SpanKind kind) {
        return await().atMost(Mesh.PATIENCE)
                .until(
                        () ->
                                collector.spans().stream()
                                        .filter(span -> span.getKind() == kind)
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }
}
