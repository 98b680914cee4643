package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many connections may be open at a time. */
final class ConnectionLimitsTest {
    @Test
    void aPeerHasItsShareAndNoMoreUntilItClosesSome() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh =
                        Mesh.of(
                                backend.address(),
                                Protocol.TCP,
                                ProxyLimits.defaults()
                                        .withOverload(
                                                new OverloadLimits(
                                                        100, 2, 1L << 30, Mesh.PATIENCE)))) {
            List<Socket> open = dial(mesh, 4);
            assertThat(open.stream().filter(ConnectionLimitsTest::echoes)).hasSize(2);
            assertThat(
                            Mesh.count(
                                    mesh.calledMeters,
                                    "countersign.agent.handshakes.refused",
                                    "reason",
                                    "PEER_LIMIT"))
                    .isEqualTo(2);

            for (Socket each : open) {
                each.close();
            }
            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.connections().isEmpty());
            try (Socket again = mesh.dial()) {
                assertThat(echoes(again)).isTrue();
            }
        }
    }

    @Test
    void whatPassesIsToldByWhoSpokeWithWhomOnBothSides() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP)) {
            try (Socket client = mesh.dial()) {
                assertThat(echoes(client)).isTrue();
                assertThat(mesh.called.connections())
                        .singleElement()
                        .satisfies(open -> {
                            assertThat(open.received()).isEqualTo(1);
                            assertThat(open.sent()).isEqualTo(1);
                            assertThat(open.peer()).contains(mesh.web);
                        });
            }
            await().atMost(Mesh.PATIENCE).until(() -> mesh.caller.connections().isEmpty());
            assertThat(mesh.scrape(mesh.calledMetrics))
                    .contains("countersign_tcp_received_bytes_total")
                    .contains("source_principal=\"" + mesh.web + "\"} 1.0")
                    .contains("reporter=\"destination\"");
            assertThat(mesh.scrape(mesh.callerMetrics))
                    .contains("countersign_tcp_connections_closed_total")
                    .contains("destination_principal=\"" + mesh.orders + "\"")
                    .contains("reporter=\"source\"");
        }
    }

    @Test
    void requestsAreToldByWhoSpokeWithWhomOnBothSides() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
                Socket client = mesh.dial()) {
            client.getOutputStream()
                    .write(RawBackend.ascii("GET /a?b HTTP/1.1\r\nHost: orders\r\n\r\n"));
            assertThat(RawBackend.readHead(client.getInputStream())).startsWith("HTTP/1.1 200");

            await().atMost(Mesh.PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(mesh.scrape(mesh.calledMetrics))
                                .contains("reporter=\"destination\"")
                                .contains("response_code=\"200\"")
                                .contains("source_principal=\"" + mesh.web + "\"} 1.0");
                        assertThat(mesh.scrape(mesh.callerMetrics))
                                .contains("destination_principal=\"" + mesh.orders + "\"")
                                .contains("reporter=\"source\"");
                    });
            assertThat(mesh.called.connections())
                    .singleElement()
                    .satisfies(open -> {
                        assertThat(open.requests()).isEqualTo(1);
                        assertThat(open.sent()).isPositive();
                    });
        }
    }

    private static List<Socket> dial(Mesh mesh, int count) throws IOException {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(mesh.dial());
        }
        return open;
    }

    private static boolean echoes(Socket socket) {
        try {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write('!');
            return socket.getInputStream().read() == '!';
        } catch (IOException turnedAway) {
            return false;
        }
    }
}
