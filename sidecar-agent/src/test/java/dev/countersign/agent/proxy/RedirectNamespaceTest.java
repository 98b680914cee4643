package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.countersign.agent.testing.Namespace;
import dev.countersign.agent.testing.NamespaceNetwork;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.policy.authentication.MtlsMode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two workloads that know nothing of their agents, in network namespaces, with the kernel's rules; what
 * is decided and listed changes while they run. IPv4 and IPv6.
 */
final class RedirectNamespaceTest {
    private static final boolean FULL = Boolean.getBoolean("countersign.full");
    private static final String REFUSED = "countersign.agent.handshakes.refused";

    private static RedirectedPods pods;
    private static HttpBackend application;
    private static RawBackend queue;
    private static Http2Backend rpc;

    @BeforeAll
    static void make() throws Exception {
        Optional<String> unavailable = NamespaceNetwork.unavailable();
        assumeTrue(unavailable.isEmpty(), () -> unavailable.orElse(""));
        pods = RedirectedPods.open(true, false);
        application = pods.orders.run(() -> new HttpBackend(RedirectedPods.any(8080)));
        queue =
                pods.orders.run(() ->
                        new RawBackend(
                                RedirectedPods.any(5672),
                                (socket, in, out) -> {
                                    out.write(RawBackend.ascii("220 ready\n"));
                                    in.transferTo(out);
                                    socket.shutdownOutput();
                                }));
        rpc = pods.orders.run(() -> new Http2Backend(RedirectedPods.any(8081)));
    }

    @AfterAll
    static void remove() throws IOException {
        if (pods != null) {
            application.close();
            queue.close();
            rpc.close();
            pods.close();
        }
    }

    @AfterEach
    void backToNormal() {
        if (pods != null) {
            pods.ordersPolicy.mtls(MtlsMode.STRICT);
            pods.ordersPolicy.rule(request -> true);
            pods.directory.stale(false);
            pods.meshed();
        }
    }

    @Test
    void requestsToAServiceAndToAPodCarryTheCallersIdentityUnseen() throws Exception {
        for (InetSocketAddress to :
                new InetSocketAddress[] {
                    RedirectedPods.SERVICE,
                    RedirectedPods.SERVICE_V6,
                    pods.orders.v4(8080),
                    pods.orders.v6(8080)
                }) {
            assertThat(get(pods.web, to)).startsWith("HTTP/1.1 200");
            assertThat(application.heads().getLast())
                    .contains("x-countersign-peer: " + pods.webId + "\r\n")
                    .contains("Host: orders\r\n");
        }
    }

    @Test
    void http2WithPriorKnowledgeIsFoundAndDecidedStreamByStream() throws Exception {
        pods.ordersPolicy.rule(request -> !"/admin".equals(request.path()));
        for (InetSocketAddress to :
                new InetSocketAddress[] {RedirectedPods.RPC, pods.orders.v6(8081)}) {
            try (Http2Wire client = Http2Wire.client(pods.web.dial(to))) {
                client.request(1, false, "POST", "/echo");
                client.request(3, true, "GET", "/admin");

                assertThat(client.answer(3).status()).isEqualTo("403");
                client.data(1, true, "body");
                assertThat(client.answer(1).text()).isEqualTo("body");
                assertThat(rpc.heads().getLast())
                        .containsEntry(":path", "/echo")
                        .containsEntry("x-countersign-peer", pods.webId.toString());
            }
        }
        assertThat(rpc.heads()).noneMatch(head -> head.containsValue("/admin"));
    }

    @Test
    void policyDecidesOnTheOriginalPortAndAddress() throws Exception {
        pods.ordersPolicy.rule(request ->
                request.port() == 8080
                        && "mesh.test/ns/shop/sa/web".equals(request.sourcePrincipal())
                        && pods.orders
                                .v4(0)
                                .getAddress()
                                .getHostAddress()
                                .equals(String.valueOf(request.destinationIp())));

        assertThat(get(pods.web, RedirectedPods.SERVICE)).startsWith("HTTP/1.1 200");
        assertThat(get(pods.web, RedirectedPods.SERVICE_V6)).startsWith("HTTP/1.1 403");
    }

    @Test
    void aServerThatSpeaksFirstIsHeardAndEachDirectionEndsByItself() throws Exception {
        for (InetSocketAddress to :
                new InetSocketAddress[] {RedirectedPods.QUEUE, pods.orders.v4(5672)}) {
            try (Socket client = pods.web.dial(to)) {
                assertThat(client.getInputStream().readNBytes(10))
                        .isEqualTo(RawBackend.ascii("220 ready\n"));
                client.getOutputStream().write(RawBackend.ascii("until the end"));
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes())
                        .isEqualTo(RawBackend.ascii("until the end"));
            }
        }
    }

    @Test
    void plaintextFromOutsideIsRefusedWhereStrictAndServedWhereNot() throws Exception {
        int before = application.connections();
        assertThat(get(pods.stranger, pods.orders.v4(8080))).isEmpty();
        assertThat(get(pods.stranger, pods.orders.v6(8080))).isEmpty();
        assertThat(application.connections()).isEqualTo(before);
        assertThat(counted(pods.ordersMeters, "NOT_TLS")).isPositive();

        pods.ordersPolicy.mtls(MtlsMode.PERMISSIVE);
        assertThat(get(pods.stranger, pods.orders.v4(8080))).startsWith("HTTP/1.1 200");
        assertThat(application.heads().getLast()).doesNotContain("x-countersign-peer");
        assertThat(get(pods.web, RedirectedPods.SERVICE)).startsWith("HTTP/1.1 200");

        pods.ordersPolicy.mtls(MtlsMode.DISABLE);
        assertThat(get(pods.stranger, pods.orders.v6(8080))).startsWith("HTTP/1.1 200");
    }

    @Test
    void theApplicationsOwnTlsPassesThroughWherePlaintextWould() throws Exception {
        try (RawBackend tls =
                pods.orders.run(() ->
                        new RawBackend(
                                RedirectedPods.any(8443),
                                (socket, in, out) -> {
                                    // As far as the application: the first octets of a ClientHello.
                                    out.write(in.readNBytes(2));
                                    socket.close();
                                }))) {
            assertThat(tls.accepted()).isZero();
            assertThat(helloTo(pods.orders.v4(8443))).isFalse();
            assertThat(tls.accepted()).isZero();
            assertThat(counted(pods.ordersMeters, "FOREIGN_TLS")).isPositive();

            pods.ordersPolicy.mtls(MtlsMode.PERMISSIVE);
            pods.ordersPolicy.rule(request -> "orders.shop".equals(request.sni()));
            assertThat(helloTo(pods.orders.v4(8443))).isFalse();
            await().atMost(Mesh.PATIENCE).until(() -> tls.accepted() == 1);
        }
    }

    @Test
    void whatIsNotListedIsRefusedAndWhatIsListedWithoutIdentityIsPlaintext() throws Exception {
        try (RawBackend outside =
                pods.stranger.run(() ->
                        new RawBackend(
                                RedirectedPods.any(9000),
                                (socket, in, out) -> out.write(RawBackend.ascii("outside"))))) {
            assertThat(read(pods.web, pods.stranger.v4(9000))).isEmpty();
            assertThat(counted(pods.webMeters, "NOT_IN_DIRECTORY")).isPositive();

            pods.directory.say(
                    RedirectedPods.entry(
                            RedirectedPods.QUEUE,
                            DirectoryEntry.Protocol.TCP,
                            RedirectedPods.unmeshed(pods.stranger.v4(9000))));
            assertThat(read(pods.web, pods.stranger.v4(9000))).isEqualTo("outside");
            assertThat(read(pods.web, RedirectedPods.QUEUE)).isEqualTo("outside");

            pods.directory.stale(true);
            assertThat(read(pods.web, RedirectedPods.QUEUE)).isEmpty();
            assertThat(counted(pods.webMeters, "PLAINTEXT_EGRESS")).isPositive();
        }
    }

    @Test
    void anEndpointThatCannotBeReachedIsPassedOver() throws Exception {
        pods.directory.say(
                RedirectedPods.entry(
                        RedirectedPods.SERVICE,
                        DirectoryEntry.Protocol.HTTP,
                        pods.place(pods.stranger.v4(8080)),
                        pods.place(pods.stranger.v6(8080)),
                        pods.place(pods.orders.v6(8080))));
        for (int i = 0; i < 5; i++) {
            assertThat(get(pods.web, RedirectedPods.SERVICE)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void anotherIdentityInTheDirectoryClosesWhatIsOpenAndIsNotBelievedInAnyOther()
            throws Exception {
        try (Socket client = pods.web.dial(RedirectedPods.QUEUE)) {
            assertThat(client.getInputStream().readNBytes(10)).hasSize(10);

            pods.directory.say(
                    RedirectedPods.entry(
                            RedirectedPods.QUEUE,
                            DirectoryEntry.Protocol.TCP,
                            new DirectoryEntry.Endpoint(
                                    pods.orders.v4(5672), Optional.of(pods.webId), true)));
            pods.policies.changed();

            assertThat(endOf(client)).isTrue();
        }
        assertThat(read(pods.web, RedirectedPods.QUEUE)).isEmpty();
        assertThat(counted(pods.webMeters, "UNEXPECTED_PEER")).isPositive();
    }

    @Test
    void thousandConnectionsToOurOwnListenersAreRefusedWithoutALoop() throws Exception {
        int times = FULL ? 1_000 : 250;
        long before = descriptors();
        for (InetSocketAddress listener :
                new InetSocketAddress[] {
                    pods.orders.v4(RedirectedPods.INBOUND),
                    pods.orders.v6(RedirectedPods.INBOUND),
                    pods.orders.v4(RedirectedPods.OUTBOUND),
                    pods.orders.v6(RedirectedPods.OUTBOUND)
                }) {
            pods.stranger.run(() -> {
                for (int i = 0; i < times; i++) {
                    refusedAtOnce(listener);
                }
                return true;
            });
        }
        await().atMost(Mesh.PATIENCE)
                .untilAsserted(() -> assertThat(pods.ordersAgent.accepted()).isZero());
        assertThat(counted(pods.ordersMeters, "NOT_REDIRECTED")).isEqualTo(2.0 * times);
        assertThat(counted(pods.ordersMeters, "OWN_LISTENER")).isEqualTo(2.0 * times);
        await().atMost(Mesh.PATIENCE)
                .untilAsserted(() -> assertThat(descriptors()).isLessThan(before + 50));
        assertThat(get(pods.web, RedirectedPods.SERVICE)).startsWith("HTTP/1.1 200");
    }

    @Test
    void theApplicationItselfCannotUseTheOutboundListenerDirectly() throws Exception {
        assertThat(
                        read(
                                pods.web,
                                new InetSocketAddress(
                                        InetAddress.ofLiteral("127.0.0.1"),
                                        RedirectedPods.OUTBOUND)))
                .isEmpty();
        assertThat(counted(pods.webMeters, "NOT_REDIRECTED")).isPositive();
    }

    @Test
    void whatWasMeshedIsNotSentInPlaintextWhenItLeavesTheDirectory() throws Exception {
        try (RedirectedPods open = RedirectedPods.open(true, true);
                RawBackend outside =
                        open.stranger.run(() ->
                                new RawBackend(
                                        RedirectedPods.any(9000),
                                        (socket, in, out) ->
                                                out.write(RawBackend.ascii("outside"))))) {
            assertThat(outside.accepted()).isZero();
            assertThat(read(open.web, open.stranger.v4(9000))).isEqualTo("outside");
            assertThat(read(open.web, open.stranger.v6(9000))).isEqualTo("outside");

            open.directory.say(
                    RedirectedPods.entry(
                            RedirectedPods.QUEUE,
                            DirectoryEntry.Protocol.TCP,
                            open.place(open.stranger.v4(9000))));
            open.directory.say();

            assertThat(read(open.web, open.stranger.v4(9000))).isEmpty();
            assertThat(counted(open.webMeters, "PLAINTEXT_EGRESS")).isPositive();
            assertThat(read(open.web, open.stranger.v6(9000))).isEqualTo("outside");
        }
    }

    private static void refusedAtOnce(InetSocketAddress listener) throws IOException {
        try (Socket socket = Namespace.dialHere(listener)) {
            socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
            assertThat(socket.getInputStream().read()).isNegative();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("re"); // reset, or refused
        }
    }

    /** Whether a TLS handshake succeeded, which none does here. */
    private static boolean helloTo(InetSocketAddress to) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Believing()}, null);
        try (Socket raw = pods.stranger.dial(to);
                SSLSocket socket =
                        (SSLSocket)
                                context.getSocketFactory()
                                        .createSocket(raw, "orders.shop", 8443, true)) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
            return false;
        }
    }

    private static boolean endOf(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static String get(Namespace from, InetSocketAddress to) throws Exception {
        return exchange(from, to, "GET /a HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
    }

    private static String read(Namespace from, InetSocketAddress to) throws Exception {
        return exchange(from, to, "");
    }

    /** Empty when it was refused. */
    private static String exchange(Namespace from, InetSocketAddress to, String sent)
            throws Exception {
        try (Socket client = from.dial(to)) {
            client.getOutputStream().write(RawBackend.ascii(sent));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "";
        }
    }

    private static double counted(SimpleMeterRegistry meters, String reason) {
        return Mesh.count(meters, REFUSED, "reason", reason);
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getOpenFileDescriptorCount();
    }

    private static final class Believing implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
