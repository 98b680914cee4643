package dev.countersign.server.authority.upstream.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * Speaks the wire format of the PKI secrets engine over HTTPS, with a root of its own; {@code
 * ca_chain} as the engine of Vault 1.14 was seen to answer. No real Vault or OpenBao: one is asked
 * when a test is given its address.
 */
final class FakeVault implements AutoCloseable {
    static final String TOKEN = "hvs.good-token";

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final TestAuthority authority;
    private final HttpsServer server;
    private volatile Optional<Answer> forced = Optional.empty();
    private volatile UnaryOperator<String> change = UnaryOperator.identity();
    private volatile JsonNode lastBody = JSON.missingNode();

    /** A status and a body. */
    record Answer(int status, String body) {}

    FakeVault(TestAuthority authority, TestCertificate tls) throws Exception {
        this.authority = authority;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.setHttpsConfigurator(new HttpsConfigurator(context(tls)));
        server.createContext("/", this::handle);
        server.start();
    }

    URI address() {
        return URI.create("https://localhost:" + server.getAddress().getPort());
    }

    /** From now on it answers this, whatever is asked. */
    void force(int status, String body) {
        forced = Optional.of(new Answer(status, body));
    }

    /** From now on it answers well again. */
    void release() {
        forced = Optional.empty();
    }

    /** What its good answers become. */
    void change(UnaryOperator<String> how) {
        change = how;
    }

    JsonNode lastBody() {
        return lastBody;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Answer answer;
            if (forced.isPresent()) {
                answer = forced.get();
            } else if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
                answer = new Answer(403, "{\"errors\":[\"permission denied\"]}");
            } else {
                answer = answer(exchange.getRequestURI().getPath(), JSON.readTree(body));
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private Answer answer(String path, JsonNode body) throws IOException, GeneralSecurityException {
        lastBody = body;
        return switch (path) {
            case "/v1/pki/root/sign-intermediate" -> new Answer(200, change.apply(signed(body)));
            case "/v1/pki/issue/mesh" -> new Answer(200, change.apply(issued(body)));
            default -> new Answer(404, "{\"errors\":[]}");
        };
    }

    private String signed(JsonNode body) throws IOException, GeneralSecurityException {
        String csr = body.path("csr").asText();
        byte[] der =
                Base64.getMimeDecoder()
                        .decode(csr.replaceAll("-----[A-Z ]+-----", "").replace("\n", ""));
        KeyPair keys =
                new KeyPair(
                        new JcaPKCS10CertificationRequest(der).getPublicKey(),
                        authority.root().key());
        TestCertificate issuer =
                authority
                        .newIntermediate(authority.root())
                        .keyPair(keys)
                        .subject("CN=" + body.path("common_name").asText())
                        .uris(body.path("uri_sans").asText())
                        .pathLength(body.path("max_path_length").asInt())
                        .life(seconds(body))
                        .build();
        return data(issuer.certificate(), "");
    }

    private String issued(JsonNode body) throws GeneralSecurityException {
        TestCertificate leaf =
                authority
                        .leaf("/ns/shop/sa/web")
                        .uris(body.path("uri_sans").asText())
                        .issuedBy(authority.root())
                        .build();
        return data(leaf.certificate(), ",\"private_key\":\"PEM of a key\"");
    }

    private String data(X509Certificate certificate, String more) throws GeneralSecurityException {
        String root = line(authority.root().certificate());
        return "{\"request_id\":\"1\",\"data\":{\"certificate\":\""
                + line(certificate)
                + "\",\"issuing_ca\":\""
                + root
                + "\",\"ca_chain\":[\""
                + line(certificate)
                + "\",\""
                + root
                + "\"],\"serial_number\":\"01:02\",\"expiration\":1"
                + more
                + "},\"errors\":null}";
    }

    private static Duration seconds(JsonNode body) {
        return Duration.ofSeconds(Long.parseLong(body.path("ttl").asText().replace("s", "")));
    }

    private static String line(X509Certificate certificate) throws GeneralSecurityException {
        return pem(certificate).replace("\n", "\\n");
    }

    static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----";
    }

    private static SSLContext context(TestCertificate tls) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("tls", tls.key(), new char[0], tls.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
