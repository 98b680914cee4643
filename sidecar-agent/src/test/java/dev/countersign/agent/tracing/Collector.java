package dev.countersign.agent.tracing;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Takes spans over OTLP (HTTP, protobuf) and keeps what it could read. */
public final class Collector implements AutoCloseable {
    private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer server;
    private volatile int answer = 200;

    public Collector() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces");
    }

    /** What it answers from now on. */
    void answer(int status) {
        answer = status;
    }

    int requests() {
        return requests.get();
    }

    public List<Resource> resources() {
        return received.stream().map(ResourceSpans::getResource).toList();
    }

    /** Every span so far. */
    public List<Span> spans() {
        return received.stream()
                .flatMap(one -> one.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    public static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    public static Map<String, String> facts(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(
                        Collectors.toMap(
                                KeyValue::getKey,
                                pair ->
                                        pair.getValue().hasIntValue()
                                                ? Long.toString(pair.getValue().getIntValue())
                                                : pair.getValue().getStringValue()));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            String type = exchange.getRequestHeaders().getFirst("content-type");
            if (answer == 200 && "application/x-protobuf".equals(type)) {
                received.addAll(
                        ExportTraceServiceRequest.parseFrom(exchange.getRequestBody())
                                .getResourceSpansList());
            }
            exchange.sendResponseHeaders(answer, -1);
        }
    }
}
