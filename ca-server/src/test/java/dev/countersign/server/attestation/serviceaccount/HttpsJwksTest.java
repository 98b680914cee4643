package dev.countersign.server.attestation.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.InstantSource;
import java.util.Base64;
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
    private static final Set<InetAddress> LOOPBACK = Set.of(InetAddress.getLoopbackAddress());

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
        HttpsJwks jwks = jwks(Set.of(), "localhost");

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
    void aCertificateForAnotherNameOrOfAnotherRootIsRefused() throws Exception {
        assertThatThrownBy(() -> jwks(LOOPBACK, "127.0.0.1").load(""))
                .hasMessageContaining("SSLHandshakeException");
        HttpsJwks trustingOthers =
                new HttpsJwks(url("localhost"), LOOPBACK, IssuerTls.trusting(Optional.empty()));
        assertThatThrownBy(() -> trustingOthers.load(""))
                .hasMessageContaining("SSLHandshakeException");
        assertThat(requests).hasValue(0);
    }

    @Test
    void onlyHttpsIsSpoken() throws Exception {
        assertThatThrownBy(() ->
                        new HttpsJwks(
                                URI.create("http://issuer.test/keys"),
                                Set.of(),
                                IssuerTls.trusting(Optional.empty())))
                .hasMessage(
                        "jwks url: http://issuer.test/keys (expected: https://host/path, no user)");
    }

    @Test
    void aFileWithoutCertificatesIsNoRoots() throws IOException {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");

        assertThatThrownBy(() -> IssuerTls.trusting(Optional.of(empty)))
                .hasMessageContaining("no certificate");
    }

    private HttpsJwks jwks(Set<InetAddress> listed, String host) throws Exception {
        Path roots = directory.resolve("roots.pem");
        Files.writeString(
                roots,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(authority.root().certificate().getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        return new HttpsJwks(url(host), listed, IssuerTls.trusting(Optional.of(roots)));
    }

    private URI url(String host) {
        return URI.create("https://" + host + ":" + server.getAddress().getPort() + "/keys");
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
