package dev.countersign.agent.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.testing.TestCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What OpenSSL's client can do to skip the verification of a peer, tried at an inbound listener; what it
 * tries is first seen to succeed at a server of its own that lets it.
 */
final class OpensslClientTest {
    private static final String REQUEST =
            "GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";

    @TempDir Path directory;

    private final HttpBackend backend = new HttpBackend();
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);

    @BeforeAll
    static void needsOpenssl() {
        assumeTrue(isThere(), "openssl is not here: apt-get install openssl");
    }

    @BeforeEach
    void write() throws IOException {
        certificate("web", mesh.certificate(mesh.web));
        certificate("orders", mesh.certificate(mesh.orders));
        pem("root.pem", mesh.authority.root().certificate());
    }

    @AfterEach
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    @Test
    void noTicketIsEverSent() throws Exception {
        String said = client(mesh.inbound(), "-sess_out", "session");

        assertThat(said).contains("HTTP/1.1 200").contains("New, TLSv1.3");
        assertThat(said).doesNotContain("New Session Ticket arrived");
        assertThat(directory.resolve("session")).doesNotExist();
    }

    @Test
    void aSessionFromElsewhereIsNotResumedAndItsEarlyDataNotRead() throws Exception {
        Files.writeString(directory.resolve("early"), REQUEST);
        try (Permissive server = new Permissive()) {
            assertThat(client(server.address, "-sess_out", "session"))
                    .contains("New Session Ticket arrived");
            assertThat(client(server.address, "-sess_in", "session")).contains("Reused, TLSv1.3");
        }

        String said = client(mesh.inbound(), "-sess_in", "session", "-early_data", "early");

        assertThat(said).contains("New, TLSv1.3").contains("Early data was rejected");
        assertThat(said).doesNotContain("Reused");
        assertThat(backend.heads()).hasSize(1);
    }

    @Test
    void aKeySharedBeforehandIsNoIdentity() throws Exception {
        String said = client(mesh.inbound(), "-psk", "0a0b0c0d", "-psk_identity", "web");
        assertThat(said).contains("HTTP/1.1 200").contains("New, TLSv1.3").doesNotContain("Reused");

        int before = backend.heads().size();
        String without = run(arguments(mesh.inbound(), "-psk", "0a0b0c0d", "-psk_identity", "web"));
        assertThat(without).doesNotContain("HTTP/1.1");
        await().atMost(Mesh.PATIENCE)
                .until(() ->
                        Mesh.count(
                                        mesh.calledMeters,
                                        "countersign.agent.handshakes.refused",
                                        "reason",
                                        "NO_CLIENT_CERTIFICATE")
                                == 1);
        assertThat(backend.heads()).hasSize(before);
    }

    @Test
    void nothingOlderThanTls13IsSpoken() throws Exception {
        for (String version : new String[] {"-tls1_2", "-tls1_1", "-tls1"}) {
            assertThat(client(mesh.inbound(), version, "-cipher", "ALL:@SECLEVEL=0"))
                    .as(version)
                    .contains("no peer certificate available")
                    .doesNotContain("HTTP/1.1");
        }
    }

    private String client(InetSocketAddress to, String... more) throws Exception {
        List<String> arguments = arguments(to, more);
        arguments.addAll(
                List.of("-cert", "web.pem", "-key", "web.key", "-cert_chain", "web.chain"));
        return run(arguments);
    }

    private static List<String> arguments(InetSocketAddress to, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "openssl",
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + to.getPort(),
                                "-CAfile",
                                "root.pem",
                                "-ign_eof"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private String run(List<String> arguments) throws Exception {
        Process process =
                new ProcessBuilder(arguments)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        try {
            process.getOutputStream().write(REQUEST.getBytes(US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException refused) {
            // It ended before it was asked anything.
        }
        String said = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        process.waitFor();
        return said;
    }

    private void certificate(String name, TestCertificate certificate) throws IOException {
        List<X509Certificate> chain = certificate.chain();
        pem(name + ".pem", chain.getFirst());
        pem(name + ".chain", chain.subList(1, chain.size()).toArray(X509Certificate[]::new));
        Files.writeString(
                directory.resolve(name + ".key"),
                block("PRIVATE KEY", certificate.key().getEncoded()));
    }

    private void pem(String name, X509Certificate... certificates) throws IOException {
        StringBuilder text = new StringBuilder();
        for (X509Certificate each : certificates) {
            try {
                text.append(block("CERTIFICATE", each.getEncoded()));
            } catch (java.security.cert.CertificateEncodingException e) {
                throw new IllegalStateException(e);
            }
        }
        Files.writeString(directory.resolve(name), text);
    }

    private static String block(String kind, byte[] content) {
        return "-----BEGIN "
                + kind
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END "
                + kind
                + "-----\n";
    }

    private static boolean isThere() {
        try {
            return new ProcessBuilder("openssl", "version").start().waitFor() == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** OpenSSL's own server, which gives tickets and takes early data. */
    private final class Permissive implements AutoCloseable {
        private static final String LISTENS = "ACCEPT 127.0.0.1:";

        private final InetSocketAddress address;
        private final Process process;

        Permissive() throws Exception {
            process =
                    new ProcessBuilder(
                                    "openssl",
                                    "s_server",
                                    "-accept",
                                    "127.0.0.1:0",
                                    "-cert",
                                    "orders.pem",
                                    "-key",
                                    "orders.key",
                                    "-cert_chain",
                                    "orders.chain",
                                    "-max_early_data",
                                    "16384",
                                    "-www")
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .start();
            BufferedReader said = process.inputReader();
            String line = said.readLine();
            while (!line.startsWith(LISTENS)) {
                line = said.readLine();
            }
            address =
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(),
                            Integer.parseInt(line.substring(LISTENS.length())));
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            process.waitFor();
        }
    }
}
