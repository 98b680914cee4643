package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.proxy.http2.Http2Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a peer with a good certificate may send to harm: heads that could be read in two ways, and
 * frames that cost us and nobody else. The application never sees a request that was not decided.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http2ProtectionTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int REFUSED_STREAM = 7;
    private static final int CALM = 11;
    private static final String[] GOOD = {
        ":method", "GET", ":scheme", "http", ":authority", "orders", ":path", "/a"
    };

    private final Http2Backend backend = new Http2Backend();
    private final Mesh mesh =
            Mesh.of(
                    backend.address(),
                    Protocol.HTTP,
                    ProxyLimits.defaults()
                            .withHttp2(
                                    new Http2Limits(
                                            20,
                                            30,
                                            256 * 1024,
                                            1 << 20,
                                            64 * 1024,
                                            16,
                                            Http2Limits.defaults().keepAlive())));
    private final MtlsClient peer = peer();

    @AfterAll
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    static Stream<Arguments> heads() {
        return Stream.of(
                reset("method twice", with(":method", "POST")),
                reset("path twice", with(":path", "/admin")),
                reset("authority twice", with(":authority", "admin")),
                reset("scheme twice", with(":scheme", "https")),
                reset("unknown pseudo-header", with(":admin", "1")),
                reset("empty pseudo-header", with(":", "1")),
                reset("status in a request", with(":status", "200")),
                reset("protocol never offered", with(":protocol", "websocket")),
                reset("pseudo-header after a field", "x", "1", ":method", "GET", ":path", "/"),
                reset("authority after a field", cat(GOOD, "x", "1", ":authority", "admin")),
                reset("no method", ":scheme", "http", ":authority", "orders", ":path", "/"),
                reset("no path", ":method", "GET", ":scheme", "http", ":authority", "orders"),
                reset("no scheme", ":method", "GET", ":authority", "orders", ":path", "/"),
                reset("empty path", path("")),
                reset("absolute path", path("http://orders/admin")),
                reset("path without slash", path("admin")),
                reset("asterisk", path("*")),
                reset("space in the path", path("/a HTTP/1.1")),
                reset("CRLF in the path", path("/a HTTP/1.1\r\nX: 1")),
                reset("NUL in the path", path("/a\0")),
                reset("tab in the path", path("/a\tb")),
                reset("high byte in the path", path("/\u00e9")),
                reset("other scheme", scheme("ftp")),
                reset("smuggling scheme", scheme("http://orders/admin?")),
                reset("method with a space", method("GET /admin")),
                reset("method with CRLF", method("GET / HTTP/1.1\r\nX:")),
                reset("empty method", method("")),
                reset("long method", method("A".repeat(40))),
                reset("authority with a path", authority("orders/admin")),
                reset("authority with a user", authority("u@orders")),
                reset("authority with CRLF", authority("orders\r\nX: 1")),
                reset("authority with a list", authority("orders:80:90")),
                reset("host that disagrees", with("host", "admin")),
                reset("two hosts", with("host", "orders", "host", "orders")),
                reset("host in upper case", with("Host", "orders")),
                reset("name in upper case", with("X-A", "1")),
                reset("empty name", with("", "1")),
                reset("space in a name", with("x a", "1")),
                reset("colon in a name", with("x:a", "1")),
                reset("CRLF in a name", with("x\r\ny", "1")),
                reset("NUL in a name", with("x\0", "1")),
                reset("high byte in a name", with("x\u00e9", "1")),
                reset("CRLF in a value", with("x", "1\r\ny: 2")),
                reset("LF in a value", with("x", "1\ny: 2")),
                reset("CR in a value", with("x", "1\ry")),
                reset("NUL in a value", with("x", "a\0b")),
                reset("space before a value", with("x", " 1")),
                reset("tab after a value", with("x", "1\t")),
                reset("connection", with("connection", "close")),
                reset("connection naming a field", with("connection", "x-countersign-peer")),
                reset("keep-alive", with("keep-alive", "1")),
                reset("proxy-connection", with("proxy-connection", "1")),
                reset("transfer-encoding", with("transfer-encoding", "chunked")),
                reset("transfer_encoding", with("transfer_encoding", "chunked")),
                reset("upgrade", with("upgrade", "websocket")),
                reset("te but trailers", with("te", "gzip")),
                reset("content_length", with("content_length", "4")),
                reset("content-length of no body", with("content-length", "4")),
                reset("two content-lengths", with("content-length", "0", "content-length", "4")),
                reset("content-length no number", with("content-length", "+0")),
                reset("CONNECT with a path", method("CONNECT")),
                reset(
                        "CONNECT with a length",
                        ":method",
                        "CONNECT",
                        ":authority",
                        "orders:80",
                        "content-length",
                        "0"),
                answered("400", "no authority", ":method", "GET", ":scheme", "http", ":path", "/"),
                answered("400", "encoded NUL", path("/a%00")),
                answered("417", "unknown expectation", with("expect", "200-ok")),
                answered("400", "201 fields", many()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("heads")
    void aHeadThatCouldBeReadOtherwiseIsRefusedAndNeverForwarded(
            String fault, String status, String[] head) throws Exception {
        try (Http2Wire client = dial()) {
            client.headers(1, true, head);

            Http2Wire.Answer answer = client.answer(1);

            assertThat(answer.reset >= 0 ? Integer.toString(answer.reset) : answer.status())
                    .as(fault)
                    .isEqualTo(status);
            client.request(3, true, "GET", "/after");
            assertThat(client.answer(3).status()).isEqualTo("200");
        }
        assertThat(backend.heads())
                .extracting(seen -> seen.get(":path"))
                .doesNotContain("/a", "/admin", "/", "");
    }

    @Test
    void aHostThatAgreesAndCookiesInPiecesAreOneRequest() throws Exception {
        try (Http2Backend own = new Http2Backend();
                Mesh other = Mesh.of(own.address(), Protocol.HTTP);
                Http2Wire client = dial(other)) {
            other.authorizer.rule(request -> "a=1; b=2".equals(request.header("cookie")));
            client.headers(1, true, with("host", "orders", "cookie", "a=1", "cookie", "b=2"));

            assertThat(client.answer(1).status()).isEqualTo("200");
            assertThat(own.heads().getFirst())
                    .doesNotContainKey("host")
                    .containsEntry(":authority", "orders")
                    .containsEntry("cookie", "a=1|b=2");
        }
    }

    @Test
    void trailersWithPseudoHeadersOrWithoutAnEndAreRefused() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/hang");
            client.headers(1, true, ":path", "/admin");
            assertThat(client.answer(1).reset).isEqualTo(PROTOCOL_ERROR);
            client.request(3, false, "POST", "/hang");
            client.headers(3, false, "x", "1");
            assertThat(client.answer(3).reset).isEqualTo(PROTOCOL_ERROR);
            client.request(5, false, "POST", "/hang");
            client.headers(5, true, "x", "1\r\ny");
            assertThat(client.answer(5).reset).isEqualTo(PROTOCOL_ERROR);
        }
    }

    @Test
    void aBodyThatIsNotAsLongAsItSaysIsResetBeforeItsEnd() throws Exception {
        try (Http2Wire client = dial()) {
            client.headers(
                    1,
                    false,
                    cat(
                            new String[] {
                                ":method",
                                "POST",
                                ":scheme",
                                "http",
                                ":authority",
                                "o",
                                ":path",
                                "/hang"
                            },
                            "content-length",
                            "4"));
            client.data(1, true, "GET /admin");
            assertThat(client.answer(1).reset).isEqualTo(PROTOCOL_ERROR);
        }
    }

    @Test
    void rapidResetsEndTheConnection() throws Exception {
        assertThat(
                        floodEnds(client -> {
                            for (int id = 1; id < 20_001; id += 2) {
                                client.request(id, true, "GET", "/hang");
                                client.reset(id, 8);
                            }
                        }))
                .isEqualTo(CALM);
    }

    @Test
    void resetsThatWeAreMadeToSendEndTheConnectionToo() throws Exception {
        assertThat(
                        floodEnds(client -> {
                            for (int id = 1; id < 20_001; id += 2) {
                                client.request(id, false, "POST", "/hang");
                                client.send(
                                        Http2Wire.WINDOW_UPDATE,
                                        0,
                                        id,
                                        ByteBuffer.allocate(4).putInt(0).array());
                            }
                        }))
                .isEqualTo(CALM);
    }

    @Test
    void pingsAndSettingsAndPrioritiesWithoutEndEndTheConnection() throws Exception {
        assertThat(
                        floodEnds(client -> {
                            for (int i = 0; i < 10_000; i++) {
                                client.send(Http2Wire.PING, 0, 0, new byte[8]);
                            }
                        }))
                .isEqualTo(CALM);
        assertThat(
                        floodEnds(client -> {
                            for (int i = 0; i < 10_000; i++) {
                                client.send(Http2Wire.SETTINGS, 0, 0, new byte[0]);
                            }
                        }))
                .isEqualTo(CALM);
        assertThat(
                        floodEnds(client -> {
                            for (int i = 0; i < 20_000; i++) {
                                client.send(
                                        Http2Wire.PRIORITY,
                                        0,
                                        1 + 2 * i,
                                        new byte[] {0, 0, 0, 0, 1});
                            }
                        }))
                .isEqualTo(CALM);
    }

    @Test
    void windowUpdatesForNothingEndTheConnection() throws Exception {
        assertThat(
                        floodEnds(client -> {
                            client.request(1, false, "POST", "/hang");
                            for (int i = 0; i < 20_000; i++) {
                                client.windowUpdate(i % 2, 1);
                            }
                        }))
                .isEqualTo(CALM);
    }

    @Test
    void emptyFramesEndTheConnection() throws Exception {
        assertThat(
                        floodEnds(client -> {
                            client.request(1, false, "POST", "/hang");
                            for (int i = 0; i < 20_000; i++) {
                                client.data(1, false, "");
                            }
                        }))
                .isEqualTo(CALM);
        assertThat(
                        floodEnds(client -> {
                            for (int i = 0; i < 20_000; i++) {
                                client.send(77, 0, 0, new byte[0]);
                            }
                        }))
                .isEqualTo(CALM);
    }

    @Test
    void aHeadThatNeverEndsEndsTheConnection() throws Exception {
        assertThat(
                        floodEnds(client -> {
                            client.send(Http2Wire.HEADERS, 0, 1, client.block(1, GOOD));
                            for (int i = 0; i < 20_000; i++) {
                                client.send(Http2Wire.CONTINUATION, 0, 1, new byte[0]);
                            }
                        }))
                .isPositive();
        assertThat(
                        floodEnds(client -> {
                            client.send(Http2Wire.HEADERS, 0, 1, client.block(1, GOOD));
                            for (int i = 0; i < 1000; i++) {
                                byte[] block = client.block(1, "x" + i, "a".repeat(1000));
                                client.send(Http2Wire.CONTINUATION, 0, 1, block);
                            }
                        }))
                .isPositive();
    }

    @Test
    void aHeaderListOverItsLimitIsRefusedAndTheConnectionStays() throws Exception {
        try (Http2Wire client = dial()) {
            byte[] block =
                    client.block(
                            1,
                            cat(
                                    GOOD,
                                    "x",
                                    "a".repeat(22_000),
                                    "y",
                                    "b".repeat(22_000),
                                    "z",
                                    "c".repeat(22_000)));
            client.send(Http2Wire.HEADERS, Http2Wire.END_STREAM, 1, Arrays.copyOf(block, 16_384));
            for (int at = 16_384; at < block.length; at += 16_384) {
                int end = Math.min(block.length, at + 16_384);
                client.send(
                        Http2Wire.CONTINUATION,
                        end == block.length ? Http2Wire.END_HEADERS : 0,
                        1,
                        Arrays.copyOfRange(block, at, end));
            }
            assertThat(client.answer(1).status()).isEqualTo("431");
            client.request(3, true, "GET", "/after");
            assertThat(client.answer(3).status()).isEqualTo("200");
        }
    }

    @Test
    void aSmallBlockThatUnfoldsToALargeListIsRefused() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", "/after", "x", "a".repeat(3000));
            client.answer(1);
            String[] bomb = GOOD;
            for (int i = 0; i < 100; i++) {
                bomb = cat(bomb, "x", "a".repeat(3000));
            }
            byte[] block = client.block(3, bomb);
            assertThat(block.length).isLessThan(16_384);
            client.send(Http2Wire.HEADERS, Http2Wire.END_HEADERS | Http2Wire.END_STREAM, 3, block);

            Http2Wire.Answer answer = client.answer(3);
            assertThat(answer.status().equals("431") || answer.goAway > 0).isTrue();
        }
    }

    @Test
    void streamsOverTheLimitOfAConnectionOrAPeerAreRefusedAndMayComeAgain() throws Exception {
        try (Http2Wire client = dial();
                Http2Wire second = dial()) {
            for (int i = 0; i < 20; i++) {
                client.request(1 + 2 * i, false, "POST", "/hang");
            }
            client.request(41, false, "POST", "/hang");
            assertThat(client.answer(41).reset).isEqualTo(REFUSED_STREAM);
            for (int i = 0; i < 11; i++) {
                second.request(1 + 2 * i, false, "POST", "/hang");
            }
            assertThat(second.answer(21).reset).isEqualTo(REFUSED_STREAM);
            client.reset(1, 8);
            client.send(Http2Wire.PING, 0, 0, new byte[8]);
            client.next(Http2Wire.PING);
            second.request(23, true, "GET", "/after");
            assertThat(second.answer(23).status()).isEqualTo("200");
        }
    }

    @Test
    void whatIsNoHttp2EndsTheConnection() throws Exception {
        try (Http2Wire client = dial()) {
            client.data(1, true, "body of nothing");
            assertThat(client.next(Http2Wire.GOAWAY).code()).isEqualTo(PROTOCOL_ERROR);
        }
        try (Http2Wire client = dial()) {
            client.headers(2, true, GOOD);
            assertThat(client.next(Http2Wire.GOAWAY).code()).isEqualTo(PROTOCOL_ERROR);
        }
        try (Http2Wire client = new Http2Wire(peer.connect(mesh.inbound(), "h2"))) {
            client.socket()
                    .getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.next(Http2Wire.GOAWAY).code()).isEqualTo(PROTOCOL_ERROR);
        }
    }

    /** Floods, and returns the code the connection was closed with; 0 when it was just closed. */
    private int floodEnds(Flood flood) throws Exception {
        try (Http2Wire client = dial()) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    flood.run(client);
                                } catch (IOException e) {
                                    // Closed, as it should be.
                                }
                            });
            try {
                return client.next(Http2Wire.GOAWAY).code();
            } catch (IOException reset) {
                // What was on its way when the socket was closed destroys the GOAWAY.
                return CALM;
            } finally {
                client.close();
                writer.join();
            }
        }
    }

    private Http2Wire dial() throws IOException {
        return Http2Wire.client(peer.connect(mesh.inbound(), "h2"));
    }

    private Http2Wire dial(Mesh other) throws Exception {
        return Http2Wire.client(
                MtlsClient.with(other.certificate(other.web), other.authority.root().certificate())
                        .connect(other.inbound(), "h2"));
    }

    private MtlsClient peer() {
        try {
            return MtlsClient.with(mesh.certificate(mesh.web), mesh.authority.root().certificate());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String[] with(String... more) {
        return cat(GOOD, more);
    }

    private static String[] path(String path) {
        return replaced(7, path);
    }

    private static String[] method(String method) {
        return replaced(1, method);
    }

    private static String[] scheme(String scheme) {
        return replaced(3, scheme);
    }

    private static String[] authority(String authority) {
        return replaced(5, authority);
    }

    private static String[] replaced(int at, String value) {
        String[] head = GOOD.clone();
        head[at] = value;
        return head;
    }

    private static String[] many() {
        String[] head = GOOD;
        for (int i = 0; i < 200; i++) {
            head = cat(head, "x" + i, "1");
        }
        return head;
    }

    private static String[] cat(String[] head, String... more) {
        String[] all = Arrays.copyOf(head, head.length + more.length);
        System.arraycopy(more, 0, all, head.length, more.length);
        return all;
    }

    private static Arguments reset(String fault, String... head) {
        return Arguments.of(fault, "1", head);
    }

    private static Arguments answered(String status, String fault, String... head) {
        return Arguments.of(fault, status, head);
    }

    private interface Flood {
        void run(Http2Wire client) throws IOException;
    }
}
