package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.agent.testing.TestCa;
import dev.countersign.agent.testing.TestFeed;
import dev.countersign.agent.testing.TestSnapshots;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.Bootstrap;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
    private static final SpiffeId ORDERS = SpiffeId.parse("spiffe://example.org/ns/shop/sa/orders");

    @TempDir Path directory;

    private final InstantSource clock = InstantSource.system();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final TestSnapshots server = new TestSnapshots(authority, clock, ORDERS);
    private final TestFeed streams = new TestFeed();
    private final TestCa ca = TestCa.start(authority, clock, streams);
    private final AtomicInteger quits = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private HttpServer application;

    @BeforeEach
    void startApplication() throws IOException {
        application =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext(
                "/",
                exchange -> {
                    byte[] body = "42".getBytes(StandardCharsets.US_ASCII);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        application.start();
        server.bundle(ca.bundle());
        streams.greetBy(peer -> snapshotFor(peer, "example.org/ns/shop/sa/web", 1));
        Files.writeString(
                directory.resolve("bootstrap.json"),
                BootstrapFile.render(Bootstrap.from(authority.bundle())));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        ca.close();
        application.stop(0);
    }

    @Test
    void twoServicesTalkUnderAPolicyByIdentityAndADenialLeadsToItsReason() throws Exception {
        Agent orders = orders("state: { directory: orders-state }");
        int web = outbound(caller("web", orders));
        int guest = outbound(caller("guest", orders));

        Answer allowed = get(web);
        Answer denied = get(guest);

        assertThat(allowed.status()).isEqualTo(200);
        assertThat(allowed.body()).isEqualTo("42");
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.deniedId()).matches("[0-9A-HJKMNP-TV-Z]{16}");
        assertThat(denied.body()).contains(denied.deniedId()).doesNotContain("shop/callers");
        await().until(() -> reportedIds().contains(denied.deniedId()));
    }

    @Test
    void prometheusReadsTheApplicationFromTheAgentWhereItsPortTakesNobodyWithoutACertificate()
            throws Exception {
        application.createContext(
                "/metrics",
                exchange -> {
                    byte[] body = "orders_total{a=\"b\"} 42\n".getBytes(StandardCharsets.US_ASCII);
                    exchange.getResponseHeaders().set("Content-Type", "text/plain");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        Agent orders =
                orders(
                        "metrics: { application: { port: "
                                + application.getAddress().getPort()
                                + " } }\n");
        await().until(() -> ready(orders));

        String page = page(orders, "/metrics");

        assertThat(page)
                .contains("countersign_application_scrapes_total{outcome=\"merged\"} 1.0")
                .endsWith("\norders_total{a=\"b\"} 42\n");
        assertThatThrownBy(() -> fetch("http://127.0.0.1:" + port(orders, "app") + "/metrics"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aPolicyPushedIsInForceForTheNextRequest() throws Exception {
        Agent orders = orders("");
        int guest = outbound(caller("guest", orders));
        assertThat(get(guest).status()).isEqualTo(403);

        List<SubscribeResponse> next =
                List.of(server.message(server.snapshot(2, "example.org/ns/shop/sa/guest")));
        streams.streams().stream()
                .filter(stream -> isOrders(stream.peer()))
                .forEach(stream -> next.forEach(stream::say));

        await().until(() -> get(guest).status() == 200);
    }

    @Test
    void aConnectionEndsWithItsPeersCertificateWhereTheServerSaysSo() throws Exception {
        server.onPeerCertificateExpiry(OnPeerCertificateExpiry.CLOSE);
        ca.life(Duration.ofSeconds(10));
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Agent orders = start("orders", inbound(silent.getLocalPort(), "tcp"));
            await().until(() -> ready(orders));
            Agent web = start("web", outboundTo(orders).replace("http", "tcp"));
            await().until(() -> page(web, "/status").contains("\"serial\""));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port(web, "orders"));
                    Socket application = silent.accept()) {
                application.setSoTimeout(60_000);

                assertThat(ends(application)).isTrue();
                assertThat(client.isConnected()).isTrue();
            }
        }
    }

    @Test
    void anAgentRestartedWhileTheCaIsAwayServesFromItsStateDirectory() throws Exception {
        Agent before = orders("state: { directory: orders-state }");
        await().until(() -> ready(before));
        int web = outbound(caller("web", before));
        assertThat(get(web).status()).isEqualTo(200);
        close(before);
        ca.stop();

        Agent after = orders("state: { directory: orders-state }");

        int again = outbound(callerFromState(after));
        assertThat(get(again).status()).isEqualTo(200);
        assertThat(page(after, "/healthz/ready")).contains("no subscription");
    }

    @Test
    void aCorruptedStateDirectoryIsIgnoredAsAWhole() throws Exception {
        Agent before = orders("state: { directory: orders-state }");
        await().until(() -> ready(before));
        close(before);
        ca.stop();
        Path file = directory.resolve("orders-state/agent.state");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 0x10;
        Files.write(file, bytes);

        Agent after = orders("state: { directory: orders-state }");

        assertThat(page(after, "/status")).contains("\"revision\":0").doesNotContain("\"serial\"");
        assertThat(ready(after)).isFalse();
        ca.start();
        await().until(() -> ready(after));
    }

    @Test
    void statusIsReadyOnceThereAreCertificateAndPolicies() throws Exception {
        Agent orders = orders("");
        await().until(() -> ready(orders));

        assertThat(Main.execute("status", "--ops", "127.0.0.1:" + orders.opsPort()))
                .isEqualTo(CommandLineRunner.OK);
        assertThat(
                        Main.execute(
                                "status",
                                "--output",
                                "json",
                                "--ops",
                                "127.0.0.1:" + orders.opsPort()))
                .isEqualTo(CommandLineRunner.OK);
    }

    @Test
    void anAdminOnTheSameHostReadsWhatIsInForce() throws Exception {
        Agent orders = orders("state: { directory: orders-state }");
        Agent web = caller("web", orders);
        assertThat(get(outbound(web)).status()).isEqualTo(200);

        assertThat(page(orders, "/config")).contains("state.directory: ").contains("ops.listen: ");
        assertThat(page(orders, "/certs")).contains(ORDERS.toString()).contains("\"epoch\":");
        assertThat(page(orders, "/policies"))
                .contains("\"revision\":1")
                .contains("\"action\":\"ALLOW\"");
        assertThat(page(orders, "/connections"))
                .contains("\"peer\":\"spiffe://example.org/ns/shop/sa/web\"")
                .contains("\"direction\":\"inbound\"")
                .contains("\"serial\":");
        assertThat(page(orders, "/stats")).contains("\"openConnections\":1");
        assertThat(page(orders, "/healthz/started")).contains("true");
        String admin = "127.0.0.1:" + orders.adminPort();
        assertThat(Main.execute("connections", "--admin", admin)).isZero();
        assertThat(Main.execute("connections", "--admin", admin, "--output", "json")).isZero();
        assertThat(Main.execute("connections", "--output", "xml")).isEqualTo(2);
    }

    @Test
    void theControlSocketTellsARunningAgentWhatToDo() throws Exception {
        Agent orders = orders("state: { directory: orders-state }");
        await().until(() -> ready(orders));
        String socket = directory.resolve("orders-state/control.sock").toString();

        assertThat(Main.execute("log-level", "--control", socket, "debug")).isZero();
        assertThat(Main.execute("log-level", "--control", socket, "info")).isZero();
        assertThat(Main.execute("log-level", "--control", socket, "loud")).isEqualTo(1);
        assertThat(Main.execute("quit", "--control", socket)).isZero();
        assertThat(quits).hasValue(1);
        assertThat(Main.execute("drain", "--control", socket, "--output", "json")).isZero();
        await().until(() -> !ready(orders));
        assertThat(Main.execute("drain", "--control", socket + ".none")).isEqualTo(1);
    }

    @Test
    void whatTlsAnInboundListenerNegotiatesCanBeChecked() throws Exception {
        Agent orders = orders("state: { directory: orders-state }");
        await().until(() -> ready(orders));
        String config = directory.resolve("orders.yaml").toString();
        String inbound = "127.0.0.1:" + port(orders, "app");

        assertThat(Main.execute("check", "tls", "--config", config, inbound)).isZero();
        assertThat(Main.execute("check", "tls", "--config", config, "--output", "json", inbound))
                .isZero();
        assertThat(Main.execute("check", "tls", "--config", config, "127.0.0.1:1")).isEqualTo(1);
        assertThat(Main.execute("check", "tls")).isEqualTo(2);
    }

    @Test
    void withoutATokenItIsNotReadyAndSaysSo() throws Exception {
        Files.createDirectory(directory.resolve("lost.token"));

        Agent lost = start("lost", "");

        await().until(() -> page(lost, "/status").contains("token file"));
        assertThat(ready(lost)).isFalse();
        assertThat(Main.execute("status", "--ops", "127.0.0.1:" + lost.opsPort()))
                .isEqualTo(CommandLineRunner.FAILED);
    }

    private Agent orders(String extra) throws Exception {
        return start("orders", inbound(application.getAddress().getPort(), "http") + extra);
    }

    private static String inbound(int target, String protocol) {
        return "listeners: { inbound: [ { name: app, listen: \"127.0.0.1:0\", target: \"127.0.0.1:"
                + target
                + "\", protocol: "
                + protocol
                + " } ] }\n";
    }

    private static boolean ends(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private Agent caller(String account, Agent orders) throws Exception {
        await().until(() -> ready(orders));
        Agent caller = start(account, outboundTo(orders) + "state: { directory: caller-state }");
        await().until(() -> page(caller, "/status").contains("\"serial\""));
        return caller;
    }

    /** Its certificate is what an earlier one kept. */
    private Agent callerFromState(Agent orders) throws Exception {
        for (AutoCloseable each : List.copyOf(open)) {
            if (each != orders) {
                each.close();
                open.remove(each);
            }
        }
        return start("web", outboundTo(orders) + "state: { directory: caller-state }");
    }

    private static String outboundTo(Agent orders) {
        return "listeners: { outbound: [ { name: orders, listen: \"127.0.0.1:0\", target:"
                + " \"127.0.0.1:"
                + port(orders, "app")
                + "\", protocol: http, peer: "
                + ORDERS
                + " } ] }\n";
    }

    private Agent start(String account, String extra) throws Exception {
        if (!Files.exists(directory.resolve(account + ".token"))) {
            Files.writeString(
                    directory.resolve(account + ".token"), "shop." + account + ".signature");
        }
        Path file = directory.resolve(account + ".yaml");
        Files.writeString(
                file,
                """
                trustDomain: example.org
                ca: { address: "%s" }
                bootstrap: { file: bootstrap.json, tokenFile: %s.token }
                ops: { listen: "127.0.0.1:0" }
                proxy: { drain: 1s }
                %s
                """
                        .formatted(ca.address(), account, extra)
                        .replace("caller-state", account + "-state"));
        Agent agent =
                Agent.start(
                        AgentConfig.load(file, Map.of()),
                        clock,
                        clock.instant(),
                        quits::incrementAndGet);
        open.add(agent);
        return agent;
    }

    private void close(Agent agent) {
        agent.close();
        open.remove(agent);
    }

    private static int outbound(Agent agent) {
        return port(agent, "orders");
    }

    private static int port(Agent agent, String listener) {
        return agent.listeners().get(listener) instanceof InetSocketAddress address
                ? address.getPort()
                : -1;
    }

    private List<SubscribeResponse> snapshotFor(
            Optional<X509Certificate> peer, String principal, long revision) {
        return isOrders(peer)
                ? List.of(server.message(server.snapshot(revision, principal)))
                : List.of();
    }

    private static boolean isOrders(Optional<X509Certificate> peer) {
        try {
            return peer.isPresent()
                    && peer.get().getSubjectAlternativeNames().toString().contains(ORDERS.path());
        } catch (java.security.cert.CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> reportedIds() {
        return streams.streams().stream()
                .flatMap(stream -> stream.said().stream())
                .filter(SubscribeRequest::hasDenials)
                .flatMap(said -> said.getDenials().getDenialsList().stream())
                .map(dev.countersign.wire.v1.Denial::getId)
                .toList();
    }

    private static boolean ready(Agent agent) throws IOException {
        return page(agent, "/healthz/ready").contains("\"ready\":true");
    }

    private static String page(Agent agent, String path) throws IOException {
        return fetch("http://127.0.0.1:" + agent.opsPort() + path).body();
    }

    private static Answer get(int port) throws IOException {
        return fetch("http://127.0.0.1:" + port + "/orders/42");
    }

    private static Answer fetch(String url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setReadTimeout(60_000);
        int status = connection.getResponseCode();
        try (InputStream in =
                status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            String id = connection.getHeaderField("x-countersign-denied");
            String body = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(status, body, id == null ? "" : id);
        }
    }

    private record Answer(int status, String body, String deniedId) {}
}
