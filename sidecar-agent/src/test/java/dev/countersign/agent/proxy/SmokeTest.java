package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class SmokeTest {
    @Test
    void tcpGoesThroughThePairAndEndsCleanly() throws Exception {
        try (RawBackend echo = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(echo.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            client.getOutputStream().write(RawBackend.ascii("hello"));
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("hello");
        }
    }

    @Test
    void httpGoesThroughThePair() throws Exception {
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            for (String head = RawBackend.readHead(in);
                                    !head.isEmpty();
                                    head = RawBackend.readHead(in)) {
                                out.write(
                                        RawBackend.ascii(
                                                "HTTP/1.1 200 OK\r\nContent-Length: "
                                                        + head.length()
                                                        + "\r\n\r\n"
                                                        + head));
                            }
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                Socket client = mesh.dial()) {
            client.getOutputStream()
                    .write(
                            RawBackend.ascii(
                                    "GET /a HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"));

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("GET /a HTTP/1.1\r\nHost: orders\r\n")
                    .contains("x-countersign-peer: spiffe://mesh.test/ns/shop/sa/web\r\n");
        }
    }
}
