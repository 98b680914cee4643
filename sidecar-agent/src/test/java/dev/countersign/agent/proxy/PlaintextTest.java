package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.policy.authentication.MtlsMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Callers without mutual TLS, on ports that take them and ports that do not. */
final class PlaintextTest {

    @Test
    void aPermissivePortTakesPlaintextAndMutualTlsAlike() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.mtls(MtlsMode.PERMISSIVE);

            assertThat(get(mesh.inbound())).startsWith("HTTP/1.1 200");
            assertThat(get(mesh.outbound())).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void whatIsPlaintextHasNoIdentityForThePolicies() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.mtls(MtlsMode.PERMISSIVE);
            mesh.authorizer.rule(request -> request.sourcePrincipal() != null);

            assertThat(get(mesh.inbound())).startsWith("HTTP/1.1 403");
            assertThat(get(mesh.outbound())).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aStrictPortRefusesPlaintextBeforeAnyPolicyIsAsked() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            assertThat(get(mesh.inbound())).doesNotContain("200").doesNotContain("403");
            assertThat(mesh.authorizer.asked()).isEmpty();
        }
    }

    @Test
    void aPortWithMutualTlsDisabledTakesPlaintextOnly() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.mtls(MtlsMode.DISABLE);

            assertThat(get(mesh.inbound())).startsWith("HTTP/1.1 200");
            assertThat(get(mesh.outbound())).startsWith("HTTP/1.1 502");
        }
    }

    @Test
    void opaquePlaintextIsRelayedByteForByteFromTheFirstOn() throws Exception {
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            in.transferTo(out);
                            socket.shutdownOutput();
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.AUTO)) {
            mesh.authorizer.mtls(MtlsMode.PERMISSIVE);
            try (Socket client = dial(mesh.inbound())) {
                byte[] sent = "SELECT 1;\n".getBytes(StandardCharsets.US_ASCII);
                for (byte each : sent) {
                    client.getOutputStream().write(each);
                    client.getOutputStream().flush();
                }
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
            }
        }
    }

    @Test
    void aServerThatSpeaksFirstIsHeardOnAPermissivePort() throws Exception {
        try (RawBackend backend =
                        new RawBackend((socket, in, out) -> {
                            out.write(RawBackend.ascii("220 ready\n"));
                            in.transferTo(out);
                        });
                Mesh mesh = Mesh.of(backend.address(), Protocol.AUTO)) {
            mesh.authorizer.mtls(MtlsMode.PERMISSIVE);
            try (Socket client = dial(mesh.inbound())) {
                assertThat(client.getInputStream().readNBytes(10))
                        .isEqualTo(RawBackend.ascii("220 ready\n"));
            }
        }
    }

    @Test
    void turningAPortStrictClosesThePlaintextConnectionsThatAreOpen() throws Exception {
        try (HttpBackend backend = new HttpBackend();
                Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP)) {
            mesh.authorizer.mtls(MtlsMode.PERMISSIVE);
            try (Socket plain = dial(mesh.inbound())) {
                await().atMost(Mesh.PATIENCE).until(() -> mesh.called.accepted() == 1);
                plain.getOutputStream()
                        .write(RawBackend.ascii("GET / HTTP/1.1\r\nHost: orders\r\n\r\n"));
                assertThat(plain.getInputStream().readNBytes(12))
                        .isEqualTo(RawBackend.ascii("HTTP/1.1 200"));
                await().atMost(Mesh.PATIENCE)
                        .until(() ->
                                mesh.called.connections().stream()
                                        .map(OpenConnection.State::peer)
                                        .anyMatch(Optional::isEmpty));

                mesh.authorizer.mtls(MtlsMode.STRICT);
                mesh.policies.changed();

                assertThat(plain.getInputStream().readAllBytes()).isNotNull();
                await().atMost(Mesh.PATIENCE).until(() -> mesh.called.accepted() == 0);
            }
        }
    }

    private static String get(InetSocketAddress address) throws IOException {
        try (Socket client = dial(address)) {
            send(client);
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "";
        }
    }

    private static void send(Socket client) throws IOException {
        client.getOutputStream()
                .write(
                        "GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
    }

    private static Socket dial(InetSocketAddress address) throws IOException {
        Socket client = new Socket(address.getAddress(), address.getPort());
        client.setSoTimeout(60_000);
        return client;
    }
}
