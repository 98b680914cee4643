package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that keep us waiting, and more of them than there is room for. */
final class OverloadTest {
    private static final Duration SOON = Duration.ofMillis(300);
    private static final long MUCH = 256L * 1024 * 1024;

    private final HttpBackend backend = new HttpBackend();
    private final Http2Backend http2 = new Http2Backend();

    @AfterEach
    void close() throws IOException {
        backend.close();
        http2.close();
    }

    @Test
    void aBodyThatStopsComingIsAnsweredAndItsConnectionClosed() throws Exception {
        try (Mesh mesh = mesh(new OverloadLimits(100, 100, MUCH, SOON));
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("POST /echo HTTP/1.1", "Host: orders", "Content-Length: 10");
            client.sendRaw("half");

            assertThat(client.receive().status()).isEqualTo(408);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void anAnswerThatIsNotReadIsBrokenOff() throws Exception {
        try (Mesh mesh = mesh(new OverloadLimits(100, 100, MUCH, SOON));
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("GET /bytes/100000000 HTTP/1.1", "Host: orders");
            RawBackend.readHead(client.in());

            await().atMost(Mesh.PATIENCE).until(() -> mesh.caller.accepted() == 0);
            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.accepted() == 0);
        }
    }

    @Test
    void aClientThatPausesWithinTheTimeIsServed() throws Exception {
        try (Mesh mesh = mesh(new OverloadLimits(100, 100, MUCH, Duration.ofSeconds(30)));
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("POST /echo HTTP/1.1", "Host: orders", "Content-Length: 4");
            await().atMost(Mesh.PATIENCE).until(() -> backend.heads().size() == 1);
            client.sendRaw("body");

            assertThat(client.receive().body()).isEqualTo("body");
        }
    }

    @Test
    void aListenerTakesItsShareOfConnectionsAndThoseThatEndMakeRoom() throws Exception {
        try (Mesh mesh = mesh(new OverloadLimits(1, 100, MUCH, Duration.ofSeconds(30)));
                HttpClientSocket first = new HttpClientSocket(mesh.dial())) {
            first.send("GET / HTTP/1.1", "Host: orders");
            assertThat(first.receive().body()).isEqualTo("ok");
            try (HttpClientSocket second = new HttpClientSocket(mesh.dial())) {
                assertThat(second.in().read()).isNegative();
            }
            first.close();
            await().atMost(Mesh.PATIENCE).until(() -> mesh.caller.accepted() == 0);
            try (HttpClientSocket third = new HttpClientSocket(mesh.dial())) {
                third.send("GET / HTTP/1.1", "Host: orders");
                assertThat(third.receive().body()).isEqualTo("ok");
            }
        }
    }

    @Test
    void whenBuffersHoldTooMuchRequestsAreAnsweredWithTheReason() throws Exception {
        OverloadLimits none = new OverloadLimits(100, 100, 1, Duration.ofSeconds(30));
        try (Mesh mesh = mesh(none);
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("GET / HTTP/1.1", "Host: orders");
            HttpClientSocket.Response answer = client.receive();

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.head())
                    .contains("x-countersign-overloaded: buffers")
                    .contains("Connection: close");
        }
        try (Mesh mesh =
                        Mesh.of(
                                http2.address(),
                                Protocol.HTTP,
                                ProxyLimits.defaults().withOverload(none));
                Http2Wire client = Http2Wire.client(mesh.dial())) {
            client.request(1, true, "GET", "/a");
            assertThat(client.answer(1).head)
                    .containsEntry(":status", "503")
                    .containsEntry("x-countersign-overloaded", "buffers");
            client.request(3, true, "POST", "/a", "content-type", "application/grpc");
            assertThat(client.answer(3).head).containsEntry("grpc-status", "14");
        }
        assertThat(backend.heads()).isEmpty();
    }

    private Mesh mesh(OverloadLimits limits) {
        return Mesh.of(
                backend.address(), Protocol.HTTP, ProxyLimits.defaults().withOverload(limits));
    }
}
