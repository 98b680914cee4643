package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.authorization.FakeAuthorizer;
import dev.countersign.agent.proxy.HttpClientSocket.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CONNECT of HTTP/1.1 through the pair: one decision, then bytes; or nothing at all behind it. */
final class ConnectTest {
    private static final String SMUGGLED = "GET /admin HTTP/1.1\r\nHost: orders\r\n\r\n";

    private final HttpBackend backend = new HttpBackend();
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);

    @AfterEach
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    @Test
    void becomesATunnelThatIsDecidedOnce() throws Exception {
        try (HttpClientSocket client = dial()) {
            Response response = connect(client, "echo:443");
            client.sendRaw(SMUGGLED);
            client.socket().shutdownOutput();

            assertThat(response.head()).isEqualTo("HTTP/1.1 200 Connection established\r\n\r\n");
            assertThat(client.rest()).isEqualTo("first words;" + SMUGGLED);
        }
        assertThat(mesh.authorizer.asked()).containsExactly("CONNECT echo:443 null");
        assertThat(backend.heads())
                .containsExactly(
                        String.join(
                                "\r\n",
                                "CONNECT echo:443 HTTP/1.1",
                                "Host: echo:443",
                                "X-End: 2",
                                "x-countersign-peer: " + mesh.web,
                                "",
                                ""));
    }

    @Test
    void whatIsSentBeforeTheAnswerGoesThroughTheTunnelAndIsNoRequest() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.sendRaw(head("echo:443") + SMUGGLED + "more");
            client.socket().shutdownOutput();

            assertThat(client.receive(true).status()).isEqualTo(200);
            assertThat(client.rest()).isEqualTo("first words;" + SMUGGLED + "more");
        }
        assertThat(mesh.authorizer.asked()).containsExactly("CONNECT echo:443 null");
    }

    @Test
    void deniedEndsTheConnectionAndWhatFollowedReachesNobody() throws Exception {
        mesh.authorizer.rule(request -> !Objects.equals(request.method(), "CONNECT"));
        try (HttpClientSocket client = dial()) {
            client.sendRaw(head("echo:443") + SMUGGLED);

            Response response = client.receive();

            assertThat(response.status()).isEqualTo(403);
            assertThat(response.head())
                    .contains("x-countersign-denied: " + FakeAuthorizer.DENIAL_ID)
                    .contains("Connection: close");
            assertThat(client.rest()).isEmpty();
        }
        assertThat(mesh.authorizer.asked()).containsExactly("CONNECT echo:443 null");
        assertThat(backend.heads()).isEmpty();
    }

    @Test
    void refusedByTheApplicationEndsTheConnectionAndWhatFollowedReachesNobody() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.sendRaw(head("refused:443") + SMUGGLED);

            Response response = client.receive();

            assertThat(response.status()).isEqualTo(405);
            assertThat(response.body()).isEqualTo("no");
            assertThat(response.head()).contains("Connection: close");
            assertThat(client.rest()).isEmpty();
        }
        assertThat(mesh.authorizer.asked()).containsExactly("CONNECT refused:443 null");
        assertThat(backend.heads()).singleElement().asString().startsWith("CONNECT ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty:443", "chunked:443", "no-content:443", "switched:443"})
    void anApplicationThatDidNotUnderstandGetsNoTunnel(String target) throws Exception {
        try (HttpClientSocket client = dial()) {
            client.sendRaw(head(target) + SMUGGLED);

            assertThat(client.receive().status()).isEqualTo(502);
            assertThat(client.rest()).isEmpty();
        }
        assertThat(mesh.authorizer.asked()).containsExactly("CONNECT " + target + " null");
        assertThat(backend.heads()).singleElement().asString().startsWith("CONNECT ");
    }

    @Test
    void takesAConnectionOfItsOwnAndLeavesThePoolAsItWas() throws Exception {
        try (HttpClientSocket other = dial();
                HttpClientSocket client = dial()) {
            other.send("GET / HTTP/1.1", "Host: orders");
            other.receive();
            assertThat(connect(client, "echo:443").status()).isEqualTo(200);
            other.send("GET / HTTP/1.1", "Host: orders");

            assertThat(other.receive().status()).isEqualTo(200);
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void itsTunnelIsClosedWhenPolicyChanges() throws Exception {
        try (HttpClientSocket client = dial()) {
            connect(client, "echo:443");
            assertThat(new String(client.in().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("first words;");

            mesh.authorizer.rule(request -> !Objects.equals(request.host(), "echo:443"));
            mesh.policies.changed();

            assertThat(endOf(client)).isTrue();
        }
        await().atMost(Mesh.PATIENCE).until(() -> mesh.called.connections().isEmpty());
    }

    private static Response connect(HttpClientSocket client, String target) throws IOException {
        client.sendRaw(head(target));
        return client.receive(true);
    }

    private static String head(String target) {
        return String.join(
                "\r\n",
                "CONNECT " + target + " HTTP/1.1",
                "Host: " + target,
                "X-Countersign-Peer: spiffe://mesh.test/ns/shop/sa/admin",
                "Proxy-Connection: keep-alive",
                "X-End: 2",
                "",
                "");
    }

    private static boolean endOf(HttpClientSocket client) throws IOException {
        try {
            return client.in().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private HttpClientSocket dial() throws IOException {
        return new HttpClientSocket(mesh.dial());
    }
}
