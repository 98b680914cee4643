package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.proxy.tls.Alpn;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.ResumingClient;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.testing.TicketServer;
import dev.countersign.trust.FederatedBundles;
import dev.countersign.trust.TrustBundle;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and how the door behaves towards those who are not. */
final class TlsTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: orders\r\n\r\n";

    private final HttpBackend backend = new HttpBackend();
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);

    @AfterEach
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    @Test
    void aPlaintextCallerIsRefusedWithoutAnAnswer() throws Exception {
        try (Socket plain = raw()) {
            plain.getOutputStream()
                    .write(RawBackend.ascii("GET / HTTP/1.1\r\nHost: orders\r\n\r\n"));

            assertThat(answer(plain)).doesNotContain("HTTP");
        }
        assertRefused("NOT_TLS");
    }

    @Test
    void garbageIsRefused() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            byte[] garbage = new byte[1 + random.nextInt(3000)];
            random.nextBytes(garbage);
            garbage[0] = i % 2 == 0 ? 0x16 : garbage[0];
            try (Socket socket = raw()) {
                socket.getOutputStream().write(garbage);
                socket.shutdownOutput();
                answer(socket);
            } catch (IOException reset) {
                // As good a refusal as any.
            }
        }
        await().atMost(Mesh.PATIENCE).until(() -> mesh.called.accepted() == 0);
        assertStillServes();
    }

    @Test
    void aHandshakeHasADeadline() throws Exception {
        ProxyLimits limits = ProxyLimits.defaults().with(Timeout.HANDSHAKE, Duration.ofMillis(300));
        try (Mesh strict = Mesh.of(backend.address(), Protocol.HTTP, limits);
                Socket silent = raw(strict);
                Socket slow = raw(strict)) {
            slow.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});

            assertThat(answer(silent)).isEmpty();
            assertThat(answer(slow)).isEmpty();
            await().atMost(Mesh.PATIENCE).until(() -> refusals(strict, "HANDSHAKE_TIMEOUT") == 2);
        }
    }

    @Test
    void aCallerWithoutACertificateIsRefused() throws Exception {
        MtlsClient client = MtlsClient.without(mesh.authority.root().certificate());
        try (SSLSocket socket = client.connect(mesh.inbound())) {
            assertThatThrownBy(() -> request(socket)).isInstanceOf(IOException.class);
        }
        assertRefused("NO_CLIENT_CERTIFICATE");
    }

    @Test
    void aCertificateOfAnotherTrustDomainIsRefused() throws Exception {
        TestAuthority foreign = TestAuthority.create("evil.test", mesh.clock, 9);
        MtlsClient client =
                MtlsClient.with(
                        foreign.leaf("/ns/shop/sa/web").build(),
                        mesh.authority.root().certificate());
        try (SSLSocket socket = client.connect(mesh.inbound())) {
            assertThatThrownBy(() -> request(socket)).isInstanceOf(IOException.class);
        }
        assertRefused("UNKNOWN_TRUST_DOMAIN");
    }

    @Test
    void aCertificateThatOnlyClaimsOurTrustDomainIsRefused() throws Exception {
        TestAuthority impostor = TestAuthority.create("mesh.test", mesh.clock, 9);
        MtlsClient client =
                MtlsClient.with(
                        impostor.leaf("/ns/shop/sa/web").build(),
                        mesh.authority.root().certificate());
        try (SSLSocket socket = client.connect(mesh.inbound())) {
            assertThatThrownBy(() -> request(socket)).isInstanceOf(IOException.class);
        }
        assertRefused("UNTRUSTED_ISSUER");
    }

    @Test
    void olderTlsIsRefused() throws Exception {
        try (SSLSocket socket = peer().connect(mesh.inbound())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});

            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        }
        assertRefused("TLS_VERSION");
    }

    @Test
    void anotherPeerThanTheExpectedOneIsRefusedByTheCaller() throws Exception {
        SpiffeId billing = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/billing");
        try (Mesh other = Mesh.expecting(backend.address(), billing);
                HttpClientSocket client = new HttpClientSocket(other.dial())) {
            client.send("GET / HTTP/1.1", "Host: billing");

            assertThat(client.receive().status()).isEqualTo(502);
            assertThat(
                            Mesh.count(
                                    other.callerMeters,
                                    "countersign.agent.handshakes.refused",
                                    "direction",
                                    "outbound",
                                    "reason",
                                    "UNEXPECTED_PEER"))
                    .isEqualTo(1);
        }
        assertThat(backend.heads()).isEmpty();
    }

    @Test
    void aPeerOfAnotherTrustDomainIsBelievedByThatDomainsRootsAlone() throws Exception {
        SpiffeId theirs = SpiffeId.parse("spiffe://partner.test/ns/shop/sa/orders");
        TestAuthority partner = TestAuthority.create("partner.test", mesh.clock, 7);
        TestAuthority forger = TestAuthority.create("partner.test", mesh.clock, 8);
        TestCertificate good = partner.leaf(theirs).build();
        List<TrustBundle> federated = List.of(federated(partner));

        assertThat(status(theirs, good, federated)).isEqualTo(200);

        assertThat(status(theirs, good, List.of())).as("an unknown domain").isEqualTo(502);
        assertThat(status(theirs, forger.leaf(theirs).build(), federated))
                .as("by roots that are not that domain's")
                .isEqualTo(502);
        assertThat(status(theirs, mesh.authority.leaf(theirs).build(), federated))
                .as("our own roots do not vouch for it")
                .isEqualTo(502);
    }

    private int status(SpiffeId id, TestCertificate held, List<TrustBundle> federated)
            throws IOException {
        try (Mesh other = Mesh.expecting(backend.address(), id)) {
            other.ordersSvids.hold(id, held);
            other.believed.set(federated);
            try (HttpClientSocket client = new HttpClientSocket(other.dial())) {
                client.send("GET / HTTP/1.1", "Host: orders");
                return client.receive().status();
            }
        }
    }

    private static TrustBundle federated(TestAuthority authority) {
        return FederatedBundles.of(
                authority.trustDomain(), List.of(authority.root().certificate()), 1);
    }

    @Test
    void withoutAnIdentityNobodyIsServed() throws Exception {
        mesh.ordersSvids.expire();
        try (SSLSocket socket = peer().connect(mesh.inbound())) {
            assertThatThrownBy(() -> request(socket)).isInstanceOf(IOException.class);
        }
        assertRefused("NO_IDENTITY");
    }

    @Test
    void nothingIsResumed() throws Exception {
        try (ResumingClient client = new ResumingClient(mesh.certificate(mesh.web), Alpn.HTTP)) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.resumes(mesh.inbound(), GET)).isFalse();
            }
            mesh.rotate();
            assertThat(client.resumes(mesh.inbound(), GET)).isFalse();
        }
    }

    @Test
    void aPeerThatGivesTicketsIsVerifiedAtEveryConnection() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        try (TicketServer careless =
                        new TicketServer(mesh.certificate(mesh.orders), Alpn.HTTP, answer);
                Mesh calling = Mesh.calling(careless.address())) {
            for (int i = 0; i < 4; i++) {
                try (HttpClientSocket client = new HttpClientSocket(calling.dial())) {
                    client.send("GET / HTTP/1.1", "Host: orders");
                    assertThat(client.receive().status()).isEqualTo(200);
                }
            }

            assertThat(careless.resumed()).containsExactly(false, false, false, false);
        }
    }

    @Test
    void aSlowHeadHasADeadline() throws Exception {
        ProxyLimits limits = ProxyLimits.defaults().with(Timeout.HEAD, Duration.ofMillis(300));
        try (Mesh strict = Mesh.of(backend.address(), Protocol.HTTP, limits);
                Socket socket = strict.dial()) {
            socket.getOutputStream().write(RawBackend.ascii("GET / HTTP/1.1\r\nHost: or"));

            assertThat(answer(socket)).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void connectionsAreLimited() throws Exception {
        try (Mesh small =
                        Mesh.of(
                                backend.address(),
                                Protocol.HTTP,
                                ProxyLimits.defaults().withConnections(2));
                HttpClientSocket first = new HttpClientSocket(small.dial());
                HttpClientSocket second = new HttpClientSocket(small.dial())) {
            first.send("GET / HTTP/1.1", "Host: orders");
            second.send("GET / HTTP/1.1", "Host: orders");
            assertThat(first.receive().status()).isEqualTo(200);
            assertThat(second.receive().status()).isEqualTo(200);
            try (Socket third = small.dial()) {
                assertThat(answer(third)).isEmpty();
            }
        }
    }

    @Test
    void rotationUnderSteadyTrafficFailsNothing() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger served = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            boolean posts = i % 2 == 0;
            clients.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                while (!stop.get()) {
                                    if (exchange(posts)) {
                                        served.incrementAndGet();
                                    } else {
                                        failed.incrementAndGet();
                                    }
                                }
                            }));
        }
        for (int i = 0; i < 10; i++) {
            int target = served.get() + 20;
            await().atMost(Mesh.PATIENCE).until(() -> served.get() >= target);
            mesh.rotate();
        }
        stop.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(failed).hasValue(0);
        assertThat(served).hasValueGreaterThan(200);
    }

    private boolean exchange(boolean post) {
        try (HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            for (int i = 0; i < 5; i++) {
                if (post) {
                    client.send("POST /echo HTTP/1.1", "Host: orders", "Content-Length: 4");
                    client.sendRaw("body");
                } else {
                    client.send("GET / HTTP/1.1", "Host: orders");
                }
                if (client.receive().status() != 200) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void assertStillServes() throws IOException {
        try (HttpClientSocket client = new HttpClientSocket(mesh.dial())) {
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().status()).isEqualTo(200);
        }
    }

    private void assertRefused(String reason) {
        await().atMost(Mesh.PATIENCE).until(() -> refusals(mesh, reason) >= 1);
        assertThat(backend.heads()).isEmpty();
    }

    private static double refusals(Mesh of, String reason) {
        return Mesh.count(
                of.calledMeters, "countersign.agent.handshakes.refused", "reason", reason);
    }

    private MtlsClient peer() throws Exception {
        return MtlsClient.with(mesh.certificate(mesh.web), mesh.authority.root().certificate());
    }

    private Socket raw() throws IOException {
        return raw(mesh);
    }

    private static Socket raw(Mesh to) throws IOException {
        Socket socket = new Socket(to.inbound().getAddress(), to.inbound().getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void request(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(RawBackend.ascii("GET / HTTP/1.1\r\nHost: orders\r\n\r\n"));
        if (RawBackend.readHead(socket.getInputStream()).isEmpty()) {
            throw new IOException("closed");
        }
    }

    private static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(60_000);
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
