package dev.countersign.server.attestation.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.policy.match.IpBlock;
import dev.countersign.server.attestation.serviceaccount.HttpsJwks.Timeouts;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real https server on loopback, which is listed where it should be reachable. */
final class HttpsJwksTest {
    private static final String BODY = TokenForge.jwks(TokenForge.RSA);
    private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1");

    // The JDK's TLS judges certificates by the machine's clock.
    private final TestAuthority authority =
            TestAuthority.create("issuer.test", InstantSource.system(), 7);
    private final AtomicInteger requests = new AtomicInteger();

    @TempDir Path directory;
    private HttpsServer server;
    private volatile HttpHandler handler = exchange -> answer(exchange, 200, BODY);

    @BeforeEach
    void start() throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity("localhost")));
        server.createContext(
                "/",
                exchange -> {
                    requests.incrementAndGet();
                    handler.handle(exchange);
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void keysAreFetchedAndReportedUnchangedAfterwards() throws Exception {
        HttpsJwks jwks = jwks(LOOPBACK, "localhost");

        JwksLoader.Document first = jwks.load("").orElseThrow();

        assertThat(first.bytes()).asString(StandardCharsets.UTF_8).isEqualTo(BODY);
        assertThat(jwks.load(first.version())).isEmpty();
        assertThat(requests).hasValue(2);
    }

    @Test
    void anAddressInsideIsRefusedBeforeAnythingIsSent() throws Exception {
        HttpsJwks jwks = jwks(List.of(), "localhost");

        assertThatThrownBy(() -> jwks.load(""))
                .isInstanceOf(JwksUnavailable.class)
                .hasMessageContaining("expected: public, or listed");
        assertThat(requests).hasValue(0);
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        handler =
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    answer(exchange, 302, "");
                };

        assertThatThrownBy(() -> jwks(LOOPBACK, "localhost").load(""))
                .hasMessageContaining("status 302 (expected: 200)");
        assertThat(requests).hasValue(1);
    }

    @Test
    void aLargeAnswerIsCutOff() throws Exception {
        handler = exchange -> answer(exchange, 200, " ".repeat(600 * 1024));

        assertThatThrownBy(() -> jwks(LOOPBACK, "localhost").load(""))
                .hasMessageContaining("too large (expected: <= 524288 bytes)");
    }

    @Test
    void aServerThatAnswersHalfAndStopsIsLeftInTime() throws Exception {
        handler =
                exchange -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write(new byte[10]);
                    exchange.getResponseBody().flush(); // and never closed
                };
        Timeouts patientReads =
                new Timeouts(
                        Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(300));

        assertThatThrownBy(() -> jwks(LOOPBACK, "localhost", patientReads).load(""))
                .isInstanceOf(JwksUnavailable.class)
                .hasMessageContaining("too slow (expected: <= PT0.3S)");
    }

    @Test
    void aServerThatNeverShakesHandsIsLeftInTime() throws Exception {
        Timeouts shortWhole =
                new Timeouts(
                        Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(300));
        Timeouts shortReads =
                new Timeouts(
                        Duration.ofSeconds(60), Duration.ofMillis(300), Duration.ofSeconds(60));
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String url = "https://localhost:" + silent.getLocalPort() + "/keys";

            assertThatThrownBy(() -> jwks(LOOPBACK, shortWhole, url).load(""))
                    .hasMessageContaining("too slow");
            assertThatThrownBy(() -> jwks(LOOPBACK, shortReads, url).load(""))
                    .hasMessageContaining("SocketTimeoutException");
        }
    }

    @Test
    void aCertificateForAnotherNameOrOfAnotherRootIsRefused() throws Exception {
        assertThatThrownBy(() -> jwks(LOOPBACK, "127.0.0.1").load(""))
                .hasMessageContaining("SSLHandshakeException");
        HttpsJwks trustingOthers = HttpsJwks.of(url("localhost"), LOOPBACK, Optional.empty());
        assertThatThrownBy(() -> trustingOthers.load(""))
                .hasMessageContaining("SSLHandshakeException");
        assertThat(requests).hasValue(0);
    }

    @Test
    void onlyHttpsIsSpoken() throws Exception {
        assertThatThrownBy(
                        () -> HttpsJwks.of("http://issuer.test/keys", List.of(), Optional.empty()))
                .hasMessage(
                        "jwks url: http://issuer.test/keys (expected: https://host/path, no user)");
    }

    @Test
    void aNetworkMustBeOne() {
        assertThatThrownBy(() ->
                        HttpsJwks.of(
                                "https://issuer.test/keys",
                                List.of("10.0.0.0/33"),
                                Optional.empty()))
                .hasMessage("jwks network: 10.0.0.0/33 (expected: an address or CIDR range)");
    }

    @Test
    void aFileWithoutCertificatesIsNoRoots() throws IOException {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");

        assertThatThrownBy(() -> IssuerTls.trusting(Optional.of(empty)))
                .hasMessageContaining("no certificate");
    }

    private HttpsJwks jwks(List<String> listed, String host) throws Exception {
        return jwks(listed, host, Timeouts.DEFAULT);
    }

    private HttpsJwks jwks(List<String> listed, String host, Timeouts timeouts) throws Exception {
        return jwks(listed, timeouts, url(host));
    }

    private HttpsJwks jwks(List<String> listed, Timeouts timeouts, String url) throws Exception {
        Path roots = directory.resolve("roots.pem");
        Files.writeString(
                roots,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(authority.root().certificate().getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        Set<IpBlock> blocks = new HashSet<>();
        listed.forEach(network -> blocks.add(Objects.requireNonNull(IpBlock.parse(network))));
        return new HttpsJwks(
                URI.create(url), blocks, IssuerTls.trusting(Optional.of(roots)), timeouts);
    }

    private String url(String host) {
        return "https://" + host + ":" + server.getAddress().getPort() + "/keys";
    }

    private SSLContext identity(String host) throws GeneralSecurityException, IOException {
        TestCertificate leaf = authority.leaf("/server").dns(host).build();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server", leaf.key(), new char[0], leaf.chain().toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
