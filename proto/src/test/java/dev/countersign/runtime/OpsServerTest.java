package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OpsServerTest {
    private final Health health = new Health();
    private final PrometheusMeterRegistry metrics =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private OpsServer server;

    @BeforeEach
    void start() throws IOException {
        server =
                new OpsServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        health,
                        metrics);
        server.handle("/broken", "text/plain", () -> String.valueOf(1 / zero()));
        server.handle("/status", "application/json", () -> "{}");
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void isLiveAsSoonAsItAnswers() throws IOException {
        assertThat(get("/healthz/live")).startsWith("HTTP/1.1 200").contains("{\"live\":true}");
    }

    @Test
    void isReadyWhileNoPartIsDown() throws IOException {
        health.up("store");
        health.degraded("svid", "renewal is late");
        assertThat(get("/healthz/ready"))
                .startsWith("HTTP/1.1 200")
                .contains("\"svid\":{\"state\":\"degraded\",\"reason\":\"renewal is late\"}");
    }

    @Test
    void saysWhyItIsNotReady() throws IOException {
        health.down("store", "disk \"full\"\n");
        assertThat(get("/healthz/ready"))
                .startsWith("HTTP/1.1 503")
                .contains(
                        "{\"ready\":false,\"parts\":{\"store\":{\"state\":\"down\",\"reason\":\"disk"
                                + " \\\"full\\\"\\u000a\"}}}");
        health.up("store");
        assertThat(get("/healthz/ready")).startsWith("HTTP/1.1 200");
    }

    @Test
    void printsMetricsForPrometheus() throws IOException {
        metrics.counter("countersign.things").increment();
        assertThat(get("/metrics")).contains("countersign_things_total 1.0");
    }

    @Test
    void servesRegisteredPagesAndNothingBelowThem() throws IOException {
        assertThat(get("/status")).startsWith("HTTP/1.1 200").endsWith("{}");
        assertThat(get("/status/more")).startsWith("HTTP/1.1 404");
        assertThat(get("/statusmore")).startsWith("HTTP/1.1 404");
        assertThat(get("/")).startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
    void changesNothing(String method) throws IOException {
        assertThat(send(method + " /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"))
                .startsWith("HTTP/1.1 405");
    }

    @Test
    void headHasNoBody() throws IOException {
        assertThat(send("HEAD /status HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:1234", "127.0.0.1", "[::1]:80"})
    void onLoopbackItAnswersToLoopbackNames(String host) throws IOException {
        assertThat(send("GET /status HTTP/1.1\r\nHost: " + host + "\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io:80", ""})
    void onLoopbackItAnswersToNoOtherName(String host) throws IOException {
        assertThat(send("GET /status HTTP/1.1\r\nHost: " + host + "\r\n"))
                .startsWith("HTTP/1.1 421");
    }

    @Test
    void aPageThatFailsTellsTheLogAndNotTheCaller() throws IOException {
        assertThat(get("/broken"))
                .startsWith("HTTP/1.1 500")
                .doesNotContain("ArithmeticException")
                .doesNotContain("by zero");
        assertThat(get("/status")).startsWith("HTTP/1.1 200");
    }

    @Test
    void headersOverTheirLimitAreRefused() throws IOException {
        assertThat(
                        send(
                                "GET /status HTTP/1.1\r\nHost: localhost\r\nX: "
                                        + "x".repeat(1 << 20)
                                        + "\r\n"))
                .doesNotStartWith("HTTP/1.1 200");
    }

    private static int zero() {
        return Integer.parseInt("0");
    }

    private String get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    }

    private String send(String head) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(
                            (head + "Connection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.net.SocketException closed) {
            return "closed";
        }
    }
}
