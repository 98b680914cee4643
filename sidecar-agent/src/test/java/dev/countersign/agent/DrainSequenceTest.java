package dev.countersign.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.testing.TestCa;
import dev.countersign.agent.testing.TestFeed;
import dev.countersign.agent.testing.TestSnapshots;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.Bootstrap;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.v1.SubscribeResponse;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How an agent ends that carries an HTTP/1.1 request, and a stream of HTTP/2 that never ends. */
final class DrainSequenceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SpiffeId ORDERS = SpiffeId.parse("spiffe://example.org/ns/shop/sa/orders");
    private static final SpiffeId WEB = SpiffeId.parse("spiffe://example.org/ns/shop/sa/web");
    private static final int GOAWAY = 7;

    /** Preface, empty SETTINGS, and HEADERS of {@code GET /} for {@code orders}. */
    private static final byte[] HTTP_2 =
            HexFormat.of()
                    .parseHex(
                            "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
                                    + "000000040000000000"
                                    + "00000b010500000001"
                                    + "82868441066f7264657273");

    @TempDir Path directory;

    private final InstantSource clock = InstantSource.system();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final Map<SpiffeId, TestSnapshots> servers =
            Map.of(
                    ORDERS,
                    new TestSnapshots(authority, clock, ORDERS),
                    WEB,
                    new TestSnapshots(authority, clock, WEB));
    private final TestFeed streams = new TestFeed();
    private final TestCa ca = TestCa.start(authority, clock, streams);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private ServerSocket application;

    @BeforeEach
    void start() throws IOException {
        application = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
        servers.values().forEach(server -> server.bundle(ca.bundle()));
        streams.greetBy(peer -> peer.map(this::greeting).orElse(List.of()));
        Files.writeString(
                directory.resolve("bootstrap.json"),
                BootstrapFile.render(Bootstrap.from(authority.bundle())));
    }

    @AfterEach
    void stop() throws IOException {
        ca.close();
        application.close();
    }

    @Test
    void readinessGoesThenGoAwayAndConnectionCloseThenWhatIsLeftAtTheDeadline() throws Exception {
        String inbound =
                "listeners: { inbound: [ { name: it, listen: \"127.0.0.1:0\", target: \"127.0.0.1:"
                        + application.getLocalPort()
                        + "\", protocol: http } ] }\n";
        try (Agent orders = readyAgent("orders", inbound)) {
            String outbound =
                    "listeners: { outbound: [ { name: it, listen: \"127.0.0.1:0\", target:"
                            + " \"127.0.0.1:"
                            + port(orders)
                            + "\", protocol: http, peer: "
                            + ORDERS
                            + " } ] }\n"
                            + "lifecycle: { settle: 2s }\n";
            try (Agent web = readyAgent("web", outbound);
                    Socket first = dial(web, "GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
                    Socket endless = dial(web, new String(HTTP_2, ISO_8859_1))) {
                await().atMost(PATIENCE).until(() -> asked.get() == 2);

                Thread drain = Thread.ofVirtual().start(web::drain);

                await().atMost(PATIENCE).until(() -> !ready(web));
                try (Socket late = dial(web, "GET / HTTP/1.1\r\nHost: orders\r\n\r\n")) {
                    await().atMost(PATIENCE).until(() -> asked.get() == 3);
                    DataInputStream frames = new DataInputStream(endless.getInputStream());
                    assertThat(goAway(frames)).as("excludes nothing").isEqualTo(Integer.MAX_VALUE);
                    await().atMost(PATIENCE).until(() -> isClosed(web));
                    answer.countDown();
                    assertThat(whole(first))
                            .startsWith("HTTP/1.1 200")
                            .contains("onnection: close");
                    assertThat(whole(late)).startsWith("HTTP/1.1 200").contains("onnection: close");
                    assertThat(drain.isAlive()).as("a stream is open").isTrue();
                    endOf(frames);
                }
                drain.join();
            }
        }
    }

    private List<SubscribeResponse> greeting(X509Certificate peer) {
        TestSnapshots server = Objects.requireNonNull(servers.get(subject(peer)));
        return List.of(server.message(server.snapshot(1, "example.org/ns/shop/sa/web")));
    }

    private static SpiffeId subject(X509Certificate peer) {
        try {
            return SpiffeId.parse(
                    peer.getSubjectAlternativeNames().iterator().next().get(1).toString());
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept() {
        while (!application.isClosed()) {
            try {
                Socket socket = application.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            byte[] begin = in.readNBytes(3);
            asked.incrementAndGet();
            if (new String(begin, ISO_8859_1).equals("PRI")) {
                in.readAllBytes();
                return;
            }
            answer.await();
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1));
            in.readAllBytes();
        } catch (IOException closed) {
            // The agent's end of it.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Agent readyAgent(String account, String extra) throws Exception {
        Files.writeString(directory.resolve(account + ".token"), "shop." + account + ".signature");
        Path file = directory.resolve(account + ".yaml");
        Files.writeString(
                file,
                """
                trustDomain: example.org
                ca: { address: "%s" }
                bootstrap: { file: bootstrap.json, tokenFile: %s.token }
                ops: { listen: "127.0.0.1:0" }
                proxy: { drain: 3s }
                %s
                """
                        .formatted(ca.address(), account, extra));
        Agent agent =
                Agent.start(AgentConfig.load(file, Map.of()), clock, clock.instant(), () -> {});
        await().atMost(PATIENCE).until(() -> ready(agent));
        return agent;
    }

    private static Socket dial(Agent agent, String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(agent));
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        return socket;
    }

    private static boolean isClosed(Agent agent) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(agent))) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    /** The last stream that the next GOAWAY names. */
    private static int goAway(DataInputStream frames) throws IOException {
        while (true) {
            int length = (frames.readUnsignedByte() << 16) | frames.readUnsignedShort();
            int type = frames.readUnsignedByte();
            frames.skipNBytes(5);
            if (type == GOAWAY) {
                int last = frames.readInt();
                frames.skipNBytes(length - 4);
                return last;
            }
            frames.skipNBytes(length);
        }
    }

    private static void endOf(InputStream in) {
        try {
            in.readAllBytes();
        } catch (IOException reset) {
            // As good an end as any.
        }
    }

    private static String whole(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static int port(Agent agent) {
        return agent.listeners().get("it") instanceof InetSocketAddress address
                ? address.getPort()
                : -1;
    }

    private static boolean ready(Agent agent) {
        return page(agent, "/healthz/ready").statusCode() == 200;
    }

    private static HttpResponse<String> page(Agent agent, String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.opsPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
