package dev.countersign.agent.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.testing.HeldPort;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real HTTP server is asked. */
final class MergedMetricsTest {
    private static final String PAGE =
            "# TYPE orders_total counter\norders_total{region=\"eu\",countersign_peer=\"x\"} 7\n";

    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<AutoCloseable> open = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        meters.counter("countersign.ours").increment();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        answer("/metrics", 200, "text/plain; version=0.0.4", PAGE);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        end.countDown();
        for (AutoCloseable each : open) {
            each.close();
        }
        server.stop(0);
    }

    @Test
    void theApplicationsLinesStandBehindOursAsTheyAre() {
        assertThat(page("/metrics"))
                .contains("countersign_ours_total 1.0\n")
                .contains("countersign_application_scrapes_total{outcome=\"merged\"} 1.0\n")
                .endsWith(PAGE);
    }

    @Test
    void isAskedForTheTextFormatAndNeverThroughAProxy() {
        List<String> accept = new ArrayList<>();
        server.createContext(
                "/asked",
                exchange -> {
                    accept.addAll(exchange.getRequestHeaders().get("Accept"));
                    say(exchange, 200, "text/plain", PAGE);
                });

        assertThat(page("/asked?name=a")).endsWith(PAGE);
        assertThat(accept).containsExactly("text/plain;version=0.0.4");
    }

    @Test
    void oursIsWholeWhereTheApplicationFails() throws Exception {
        answer("/broken", 500, "text/plain", "a 1\n");
        answer("/moved", 302, "text/plain", "a 1\n");
        answer("/open", 200, "application/openmetrics-text; version=1.0.0", "a_total 1\n# EOF\n");
        answer("/html", 200, "text/plain", "<html>\n");
        answer("/large", 200, "text/plain", "a 1\n".repeat(ApplicationMetrics.MAX_BYTES / 4 + 1));
        server.createContext(
                "/latin",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write("a{x=\"\u00e9\"} 1\n".getBytes(StandardCharsets.ISO_8859_1));
                    }
                });

        failsBy("/broken", "status");
        failsBy("/moved", "status");
        failsBy("/open", "format");
        failsBy("/html", "malformed");
        failsBy("/latin", "malformed");
        failsBy("/large", "too_large");
        try (HeldPort nobody = HeldPort.open()) {
            failsBy(merged(new ApplicationPage(nobody.number(), "/", timeout())), "unreachable");
        }
    }

    @Test
    void anApplicationThatDripsIsNotWaitedFor() {
        server.createContext(
                "/slow",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write("a 1\n".getBytes(StandardCharsets.UTF_8));
                    exchange.getResponseBody().flush();
                    hang();
                });
        server.createContext("/hangs", exchange -> hang());
        int port = server.getAddress().getPort();

        failsBy(merged(new ApplicationPage(port, "/slow", Duration.ofMillis(200))), "too_slow");
        failsBy(merged(new ApplicationPage(port, "/hangs", Duration.ofMillis(200))), "too_slow");
    }

    @Test
    void twoMayWaitForItAndAThirdDoesNot() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        server.createContext(
                "/hangs",
                exchange -> {
                    asked.countDown();
                    hang();
                    say(exchange, 200, "text/plain", PAGE);
                });
        MergedMetrics merged =
                merged(new ApplicationPage(server.getAddress().getPort(), "/hangs", timeout()));
        List<Thread> waiting =
                List.of(
                        Thread.ofVirtual().start(merged::get),
                        Thread.ofVirtual().start(merged::get));
        asked.await();

        failsBy(merged, "busy");
        end.countDown();
        for (Thread each : waiting) {
            each.join();
        }
        assertThat(merged.get()).endsWith(PAGE);
    }

    private void failsBy(String path, String outcome) {
        failsBy(
                merged(new ApplicationPage(server.getAddress().getPort(), path, timeout())),
                outcome);
    }

    private void failsBy(MergedMetrics merged, String outcome) {
        double before = count(outcome);

        String page = merged.get();

        assertThat(count(outcome)).as(outcome).isEqualTo(before + 1);
        assertThat(page)
                .contains("countersign_ours_total 1.0\n")
                .contains("{outcome=\"" + outcome + "\"} " + (before + 1))
                .doesNotContain("\na 1\n")
                .endsWith("\n");
    }

    private double count(String outcome) {
        return meters.get("countersign.application.scrapes")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private String page(String path) {
        return merged(new ApplicationPage(server.getAddress().getPort(), path, timeout())).get();
    }

    private MergedMetrics merged(ApplicationPage page) {
        ApplicationMetrics application = new ApplicationMetrics(page);
        open.add(application);
        return new MergedMetrics(meters::scrape, application, meters);
    }

    private static Duration timeout() {
        return Duration.ofSeconds(30);
    }

    private void hang() {
        try {
            end.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(String path, int status, String type, String body) {
        server.createContext(path, exchange -> say(exchange, status, type, body));
    }

    private static void say(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
