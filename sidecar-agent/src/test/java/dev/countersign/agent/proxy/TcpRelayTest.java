package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.testing.Cases;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Opaque streams through the pair. */
final class TcpRelayTest {
    static Stream<Long> seeds() {
        return Cases.seeds(12);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyByteArrivesInOrderAndEachDirectionEndsByItself(long seed) throws Exception {
        Cases cases = new Cases(seed);
        byte[] up = bytes(cases, cases.between(0, 1_500_000));
        byte[] down = bytes(cases, cases.between(0, 1_500_000));
        boolean answersAfterTheEnd = cases.chance(2);
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            if (answersAfterTheEnd) {
                                received.complete(in.readAllBytes());
                                send(new Cases(seed + 1), out, down);
                                socket.shutdownOutput();
                            } else {
                                Thread writer = sender(seed + 1, socket, down);
                                received.complete(in.readAllBytes());
                                join(writer);
                            }
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            Thread writer = sender(seed, client, up);
            byte[] answer = slowly(new Cases(seed + 2), client.getInputStream());
            join(writer);

            assertThat(Arrays.equals(answer, down)).as("down").isTrue();
            assertThat(Arrays.equals(received.get(), up)).as("up").isTrue();
            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.accepted() == 0);
            await().atMost(Mesh.PATIENCE).until(() -> mesh.caller.accepted() == 0);
        }
    }

    @Test
    void aServerMaySpeakFirst() throws Exception {
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            out.write(RawBackend.ascii("220 ready\n"));
                            in.transferTo(out);
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            assertThat(client.getInputStream().readNBytes(10))
                    .isEqualTo(RawBackend.ascii("220 ready\n"));
            assertThat(mesh.callerEdges.next().orElseThrow().edges())
                    .as("whom the application called")
                    .extracting(ReportedEdge::direction, ReportedEdge::peer, ReportedEdge::http)
                    .containsExactly(tuple(EdgeDirection.OUTBOUND, mesh.orders.toString(), false));
        }
    }

    @Test
    void aResetOfTheApplicationReachesTheCaller() throws Exception {
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            in.read();
                            socket.setSoLinger(true, 0);
                            socket.close();
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            client.getOutputStream().write(1);

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void aResetOfTheCallerReachesTheApplication() throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            out.write(1);
                            try {
                                end.complete("read " + in.read());
                            } catch (IOException e) {
                                end.complete("reset");
                            }
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP)) {
            Socket client = mesh.dial();
            client.getInputStream().read();
            client.setSoLinger(true, 0);
            client.close();

            assertThat(end.get()).isEqualTo("reset");
        }
    }

    @Test
    void aDeniedConnectionNeverReachesTheApplication() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP)) {
            mesh.authorizer.rule(request -> false);
            try (Socket client = mesh.dial()) {
                assertThatThrownBy(() -> client.getInputStream().read())
                        .isInstanceOf(IOException.class);
            }
            assertThat(backend.accepted()).isZero();
            assertThat(
                            Mesh.count(
                                    mesh.calledMeters,
                                    "countersign.agent.tcp.connections",
                                    "direction",
                                    "inbound",
                                    "outcome",
                                    "denied"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aPolicyChangeClosesWhatIsOpen() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            roundTrip(client);
            mesh.policies.changed();
            roundTrip(client);

            mesh.authorizer.rule(request -> false);
            mesh.policies.changed();

            assertThat(ends(client)).isTrue();
            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.connections().isEmpty());
        }
    }

    @Test
    void aDeniedPeerIsClosedAndKeptOut() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            roundTrip(client);

            mesh.denied = Optional.of("stolen");
            mesh.policies.changed();

            assertThat(ends(client)).isTrue();
            try (Socket again = mesh.dial()) {
                assertThat(ends(again)).isTrue();
            }
            assertThat(
                            Mesh.count(
                                    mesh.calledMeters,
                                    "countersign.agent.handshakes.refused",
                                    "reason",
                                    "DENIED"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aDistrustedRootClosesWhatWasBelievedThroughIt() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            roundTrip(client);

            mesh.bundles.replace(mesh.authority.bundle(2, mesh.authority.newRoot().build()));
            mesh.policies.changed();

            assertThat(ends(client)).isTrue();
        }
    }

    @Test
    void aRotationLeavesOpenStreamsAlone() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.TCP);
                Socket client = mesh.dial()) {
            roundTrip(client);
            for (int i = 0; i < 5; i++) {
                mesh.rotate();
                roundTrip(client);
            }
        }
    }

    @Test
    void whatCannotBeHttpIsOpaqueAndWhatIsHttpIsDecidedAsSuch() throws Exception {
        try (RawBackend backend = new RawBackend((socket, in, out) -> in.transferTo(out));
                Mesh mesh = Mesh.of(backend.address(), Protocol.AUTO);
                Socket opaque = mesh.dial();
                Socket silent = mesh.dial();
                Socket http = mesh.dial()) {
            opaque.getOutputStream().write(RawBackend.ascii("\u0000binary"));
            assertThat(opaque.getInputStream().readNBytes(7))
                    .isEqualTo(RawBackend.ascii("\u0000binary"));
            mesh.authorizer.rule(request -> !request.isHttp());
            for (byte b : RawBackend.ascii("GET / HTTP/1.1\r\nHost: orders\r\n\r\n")) {
                http.getOutputStream().write(b);
                http.getOutputStream().flush();
            }
            assertThat(RawBackend.readHead(http.getInputStream())).startsWith("HTTP/1.1 403");
            await().atMost(Mesh.PATIENCE).until(() -> backend.accepted() == 2);
            roundTrip(silent);
        }
    }

    private static void roundTrip(Socket client) throws IOException {
        client.setSoTimeout(60_000);
        client.getOutputStream().write(RawBackend.ascii("ping"));
        assertThat(new String(client.getInputStream().readNBytes(4), StandardCharsets.US_ASCII))
                .isEqualTo("ping");
    }

    private static boolean ends(Socket client) throws IOException {
        client.setSoTimeout(60_000);
        try {
            return client.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static byte[] bytes(Cases cases, int length) {
        byte[] bytes = new byte[length];
        new java.util.Random(cases.random().nextLong()).nextBytes(bytes);
        return bytes;
    }

    private static Thread sender(long seed, Socket socket, byte[] bytes) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        send(new Cases(seed), socket.getOutputStream(), bytes);
                        socket.shutdownOutput();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static void send(Cases cases, OutputStream out, byte[] bytes) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int length =
                    Math.min(bytes.length - at, cases.between(1, cases.chance(3) ? 9 : 70_000));
            out.write(bytes, at, length);
            at += length;
        }
    }

    private static byte[] slowly(Cases cases, InputStream in) throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        byte[] buffer = new byte[100_000];
        for (int n = in.read(buffer, 0, cases.between(1, buffer.length));
                n >= 0;
                n = in.read(buffer, 0, cases.between(1, buffer.length))) {
            all.write(buffer, 0, n);
        }
        return all.toByteArray();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
