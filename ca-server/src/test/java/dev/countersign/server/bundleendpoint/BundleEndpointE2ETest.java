package dev.countersign.server.bundleendpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.ExpectedPeer;
import dev.countersign.wire.v1.RevocationSubject;
import dev.countersign.wire.v1.RevokeRequest;
import dev.countersign.wire.v1.UnrevokeRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The port for outsiders, read by the JDK's own client and its own parser of revocation lists. */
class BundleEndpointE2ETest {
    private static final MutableClock CLOCK = MutableClock.create();

    @TempDir private static Path folder;

    private static RunningServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        server =
                RunningServer.start(
                        folder,
                        CLOCK,
                        "bundleEndpoint: {listen: \"127.0.0.1:0\", refreshHint: 90s}");
        // https_spiffe: the certificate is believed as an SVID of exactly the server's identity.
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                null,
                new TrustManager[] {
                    new ExpectedPeer(
                            server.verifier(), WellKnownIds.caServer(RunningServer.TRUST_DOMAIN))
                },
                null);
        client = HttpClient.newBuilder().sslContext(tls).build();
    }

    @AfterAll
    static void stop() {
        client.shutdownNow();
        server.close();
    }

    @Test
    void theBundleIsASpiffeDocument() throws Exception {
        HttpResponse<byte[]> answer = get("GET", "/");

        JsonNode document = JsonMapper.builder().build().readTree(answer.body());
        X509Certificate root = server.bundles().current().roots().getFirst();
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(document.get("spiffe_sequence").asLong())
                .isEqualTo(server.bundles().current().epoch());
        assertThat(document.get("spiffe_refresh_hint").asInt()).isEqualTo(90);
        assertThat(document.get("keys")).hasSize(1);
        JsonNode key = document.get("keys").get(0);
        assertThat(key.get("use").asText()).isEqualTo("x509-svid");
        assertThat(key.has("kid")).isFalse();
        assertThat(key.get("kty").asText()).isEqualTo("EC");
        assertThat(Base64.getUrlDecoder().decode(key.get("x").asText())).hasSize(32);
        assertThat(key.get("x5c")).hasSize(1);
        assertThat(Base64.getDecoder().decode(key.get("x5c").get(0).asText()))
                .isEqualTo(root.getEncoded());
    }

    @Test
    void theRevocationListIsSignedByTheRootAndNamesWhatIsRevoked() throws Exception {
        Svid mail = server.svid("shop", "mail", "mail-0");
        Svid cart = server.svid("shop", "cart", "cart-0");
        Svid good = server.svid("shop", "web", "web-0");
        assertThat(revoked()).doesNotContain(mail.peer().serial());

        revoke(RevocationSubject.newBuilder().setSerial(mail.peer().serial()));
        revoke(RevocationSubject.newBuilder().setIdentity("shop/cart"));

        assertThat(revoked())
                .contains(mail.peer().serial(), cart.peer().serial())
                .doesNotContain(good.peer().serial());
        X509CRL list = list();
        list.verify(server.bundles().current().roots().getFirst().getPublicKey());
        assertThat(list.getRevokedCertificate(mail.leaf())).isNotNull();
        assertThat(list.getRevokedCertificate(good.leaf())).isNull();
        assertThat(list.getNextUpdate().toInstant())
                .isEqualTo(list.getThisUpdate().toInstant().plus(RevocationList.LIFE));

        server.admin()
                .unrevoke(
                        UnrevokeRequest.newBuilder()
                                .setSubject(RevocationSubject.newBuilder().setIdentity("shop/cart"))
                                .setReason("rebuilt")
                                .build());
        assertThat(revoked()).contains(mail.peer().serial()).doesNotContain(cart.peer().serial());
    }

    @Test
    void aRevokedIntermediateIsInTheListItself() throws Exception {
        Svid under = server.svid("shop", "search", "search-0");
        X509Certificate intermediate = under.chain().get(1);

        revoke(RevocationSubject.newBuilder().setIssuerKeyId(under.peer().issuerKeyId()));

        assertThat(list().getRevokedCertificate(intermediate)).isNotNull();
        // The endpoint shows the certificate under the next intermediate already.
        assertThat(get("GET", "/bundle.json").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"GET, /, 200", "HEAD, /crl, 200", "POST, /, 405", "GET, /admin, 404"})
    void nothingElseIsAnswered(String method, String path, int status) throws Exception {
        assertThat(get(method, path).statusCode()).isEqualTo(status);
    }

    private static void revoke(RevocationSubject.Builder subject) {
        server.admin()
                .revoke(RevokeRequest.newBuilder().setSubject(subject).setReason("test").build());
    }

    private static X509CRL list() throws Exception {
        HttpResponse<byte[]> answer = get("GET", "/crl");
        assertThat(answer.headers().firstValue("content-type")).contains("application/pkix-crl");
        return (X509CRL)
                CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(answer.body()));
    }

    private static Set<String> revoked() throws Exception {
        Set<? extends java.security.cert.X509CRLEntry> entries = list().getRevokedCertificates();
        return entries == null
                ? Set.of()
                : entries.stream()
                        .map(entry -> entry.getSerialNumber().toString(16))
                        .collect(Collectors.toSet());
    }

    private static HttpResponse<byte[]> get(String method, String path)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "https://127.0.0.1:"
                                                + server.server().bundleEndpointPort().orElseThrow()
                                                + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }
}
