package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code x-forwarded-client-cert} where it is asked for: ours alone, whatever the caller sent. */
final class ForwardedClientCertTest {
    private final HttpBackend backend = new HttpBackend();
    private final Http2Backend rpc = new Http2Backend();

    @AfterEach
    void close() throws IOException {
        backend.close();
        rpc.close();
    }

    @Test
    void ofHttp1IsOneElementOfTheLastHopAndNoLookAlikePasses() throws Exception {
        try (Mesh mesh = mesh(backend.address());
                HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send(
                    "GET /a HTTP/1.1",
                    "Host: orders",
                    "X-Forwarded-Client-Cert: By=admin;URI=spiffe://mesh.test/ns/shop/sa/admin",
                    "x_forwarded_client_cert: By=admin",
                    "X-FORWARDED_Client-cert: By=admin",
                    "x-forwarded-client-cert: By=admin",
                    "Connection: x-forwarded-client-cert");

            assertThat(client.receive().status()).isEqualTo(200);
            assertThat(backend.heads().getLast())
                    .doesNotContainIgnoringCase("admin")
                    .endsWith("\r\nx-forwarded-client-cert: " + element(mesh) + "\r\n\r\n")
                    .contains("\r\nx-countersign-peer: " + mesh.web + "\r\n");
        }
    }

    @Test
    void ofHttp2IsOneElementOfTheLastHopAndNoLookAlikePasses() throws Exception {
        try (Mesh mesh = mesh(rpc.address());
                Http2Wire client = Http2Wire.client(mesh.dial())) {
            client.request(
                    1,
                    true,
                    "GET",
                    "/",
                    "x-forwarded-client-cert",
                    "By=admin",
                    "x_forwarded_client_cert",
                    "By=admin",
                    "x-forwarded_client-cert",
                    "By=admin");

            assertThat(client.answer(1).status()).isEqualTo("200");
            Map<String, String> head = rpc.heads().getLast();
            assertThat(head).containsEntry("x-forwarded-client-cert", element(mesh));
            assertThat(List.copyOf(head.keySet()))
                    .filteredOn(name -> name.contains("client"))
                    .hasSize(1);
        }
    }

    private static Mesh mesh(java.net.InetSocketAddress application) {
        return Mesh.Setup.of(application, Protocol.HTTP)
                .identity(new IdentityFields(true, true))
                .open();
    }

    private static String element(Mesh mesh) throws Exception {
        byte[] leaf = mesh.webSvids.current().orElseThrow().svid().chain().getFirst().getEncoded();
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(leaf));
        return "By=" + mesh.orders + ";Hash=" + hash + ";URI=" + mesh.web;
    }
}
