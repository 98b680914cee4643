package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Families of request smuggling, sent by a peer with a good certificate through the inbound listener
 * to servers that know nothing of it. Whatever is sent, a server sees what was decided: nothing, or
 * the one request that is there; never what hides behind it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SmugglingTest {
    private static final String POST = "POST /a HTTP/1.1\r\nHost: orders\r\n";
    private static final String GET = "GET /a HTTP/1.1\r\nHost: orders\r\n";
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nHost: orders\r\n\r\n";
    private static final String LAST_REQUEST =
            "GET /last HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String LAST = "0\r\n\r\n";

    private final Map<String, Target> targets = new LinkedHashMap<>();

    SmugglingTest() throws Exception {
        targets.put("JDK", Target.of(new JdkBackend()));
        targets.put("Jetty", Target.of(new JettyBackend()));
        if (NginxBackend.isHere()) {
            targets.put("nginx", Target.of(new NginxBackend()));
        }
    }

    @AfterAll
    void close() throws Exception {
        for (Target target : targets.values()) {
            target.close();
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                // Two lengths.
                refused("CL.TE", POST + "Content-Length: 6\r\n" + CHUNKED + "\r\n" + LAST),
                refused("TE.CL", POST + CHUNKED + "Content-Length: 4\r\n\r\n" + chunk(HIDDEN)),
                refused("CL.CL", POST + "Content-Length: 0\r\nContent-Length: 47\r\n\r\n"),
                refused("CL, CL", POST + "Content-Length: 0, 47\r\n\r\n"),
                refused("CL of TE.0", GET + CHUNKED + "Content-Length: 0\r\n\r\n" + LAST),
                // Transfer codings that one of two would not see.
                refused("xchunked", te("xchunked")),
                refused("chunked twice", te("chunked, chunked")),
                refused("chunked, identity", te("chunked, identity")),
                refused("identity", te("identity")),
                refused("gzip, chunked", te("gzip, chunked")),
                refused("quoted", te("\"chunked\"")),
                refused("chunked with a parameter", te("chunked;x=y")),
                refused("vertical tab", te("\u000bchunked")),
                refused("form feed", te("chunked\f")),
                refused("NUL", te("chunked\0")),
                refused("two lines", POST + CHUNKED + "Transfer-Encoding: identity\r\n\r\n" + LAST),
                refused("a space before the colon", POST + "Transfer-Encoding : chunked\r\n\r\n"),
                refused("a tab before the colon", POST + "Transfer-Encoding\t: chunked\r\n\r\n"),
                refused("folded", POST + "Transfer-Encoding:\r\n chunked\r\n\r\n" + LAST),
                refused("behind a bare LF", POST + "X: 1\nTransfer-Encoding: chunked\r\n\r\n"),
                refused("behind a bare CR", POST + "X: 1\rTransfer-Encoding: chunked\r\n\r\n"),
                refused("with an underscore", POST + "Transfer_Encoding: chunked\r\n\r\n" + LAST),
                refused("in HTTP/1.0", "POST /a HTTP/1.0\r\nHost: a\r\n" + CHUNKED + "\r\n" + LAST),
                // Lengths that are read in more ways than one.
                refused("CL +4", cl("+4")),
                refused("CL -1", cl("-1")),
                refused("CL 0x4", cl("0x4")),
                refused("CL 4 4", cl("4 4")),
                refused("CL 4.0", cl("4.0")),
                refused("CL empty", cl("")),
                refused("CL too long", cl("18446744073709551616")),
                refused("CL with an underscore", POST + "Content_Length: 47\r\n\r\n"),
                refused("CL folded", POST + "Content-Length: 4\r\n 7\r\n\r\n"),
                // Chunks.
                forwarded("an extension", POST + CHUNKED + "\r\n4;a=b\r\nbody\r\n" + LAST),
                forwarded(
                        "a quoted extension", POST + CHUNKED + "\r\n4;a=\"b\"\r\nbody\r\n" + LAST),
                refusedLate("an extension with a bare LF", "4;a\nbody\r\n" + LAST),
                refusedLate("an extension with a bare CR", "4;a\rx\r\nbody\r\n" + LAST),
                refusedLate("a size with a bare LF", "4\nbody\r\n" + LAST),
                refusedLate("a size in 0x", "0x4\r\nbody\r\n" + LAST),
                refusedLate("a signed size", "+4\r\nbody\r\n" + LAST),
                refusedLate("a size with a space", "4 \r\nbody\r\n" + LAST),
                refusedLate("a size that overflows", "10000000000000004\r\nbody\r\n" + LAST),
                refusedLate("a chunk that is too long", "4\r\nbodyX\r\n" + LAST),
                refusedLate("a chunk that ends in LF", "4\r\nbody\n0\r\n\r\n"),
                refusedLate("no size", ";a\r\nbody\r\n" + LAST),
                forwarded(
                        "a trailer that frames",
                        POST + CHUNKED + "\r\n4\r\nbody\r\n0\r\nContent-Length: 47\r\n\r\n"),
                refusedLate("a trailer with a bare LF", "4\r\nbody\r\n0\r\nX: 1\n\r\n"),
                // Requests in bodies stay bodies.
                forwarded(
                        "CL body",
                        POST + "Content-Length: " + HIDDEN.length() + "\r\n\r\n" + HIDDEN),
                forwarded("TE body", POST + CHUNKED + "\r\n" + chunk(HIDDEN) + LAST),
                forwarded(
                        "GET with a body",
                        GET + "Content-Length: " + HIDDEN.length() + "\r\n\r\n" + HIDDEN),
                // Lines.
                refused("obs-fold", GET + "X: 1\r\n Host: hidden\r\n\r\n"),
                refused("NUL in a field", GET + "X: \0\r\n\r\n"),
                refused(
                        "a space before a name",
                        "GET /a HTTP/1.1\r\n Host: a\r\nHost: orders\r\n\r\n"),
                refused("an empty line first", "\r\n" + GET + "\r\n"),
                refused("bare LFs", GET.replace("\r\n", "\n") + "\n"),
                refused("HTTP/0.9", "GET /a\r\n"),
                refused("HTTP/1.2", GET.replace("1.1", "1.2") + "\r\n"),
                refused("a tab for a space", "GET\t/a\tHTTP/1.1\r\nHost: orders\r\n\r\n"),
                // Whom it is for.
                refused(
                        "absolute-form against Host",
                        "GET http://hidden/a HTTP/1.1\r\nHost: orders\r\n\r\n"),
                refused("two Hosts", GET + "Host: hidden\r\n\r\n"),
                refused("Host with a path", "GET /a HTTP/1.1\r\nHost: orders/hidden\r\n\r\n"),
                refused("no Host", "GET /a HTTP/1.1\r\n\r\n"),
                refused("Connection: Host", GET + "Connection: Host\r\n\r\n"),
                refused("Connection: Content-Length", cl("4", "Connection: Content-Length\r\n")),
                // Another protocol.
                tunnel("CONNECT", ""),
                tunnel("CONNECT and a request behind it", HIDDEN),
                refused("CONNECT with a body", connect("Content-Length: 47\r\n") + HIDDEN),
                refused("CONNECT in chunks", connect(CHUNKED) + chunk(HIDDEN) + LAST),
                refused("CONNECT to another", "CONNECT hidden:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
                forwarded(
                        "h2c upgrade",
                        GET
                                + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
                refused("h2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                // What a target hides.
                refused("a space in the target", "GET /a HTTP/1.1\r\nX: HTTP/1.1\r\n\r\n"),
                refused("an encoded NUL", "GET /a%00 HTTP/1.1\r\nHost: orders\r\n\r\n"),
                new Case(
                        "an encoded CRLF",
                        "GET /a%0d%0aX:1 HTTP/1.1\r\nHost: orders\r\n\r\n",
                        Expected.FORWARDED,
                        "%0d%0aX:1"));
    }

    static Stream<Arguments> everywhere() {
        return cases().flatMap(one ->
                Stream.of("JDK", "Jetty", "nginx")
                        .map(server -> Arguments.of(server, one.name(), one)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everywhere")
    void noServerSeesASecondRequest(String server, String name, Case sent) throws Exception {
        Assumptions.assumeTrue(targets.containsKey(server), server + ": not on this machine");
        Target target = Objects.requireNonNull(targets.get(server));
        int before = target.seen().size();

        String answer = target.send(sent.bytes() + LAST_REQUEST);

        List<String> seen = target.seen();
        seen = seen.subList(before, seen.size());
        assertThat(answer).as("answer").startsWith("HTTP/1.1 ");
        switch (sent.expected()) {
            case REFUSED -> {
                assertThat(answer).matches("(?s)HTTP/1.1 40[05] .*");
                assertThat(seen).isEmpty();
            }
            // Its head had gone on when its body turned out to be none.
            case REFUSED_LATE ->
                    assertThat(seen).hasSizeLessThanOrEqualTo(1).allMatch("POST /a"::equals);
            // A server that knows no tunnels answers as it answers everything: nothing goes
            // through.
            case NO_TUNNEL -> {
                assertThat(answer).matches("(?s)HTTP/1.1 (40[05]|50[012]) .*");
                assertThat(answer.split("HTTP/1.1 ", -1)).as("answers").hasSize(2);
                assertThat(seen).hasSizeLessThanOrEqualTo(1);
                // nginx notes no method of a request line that it does not like.
                assertThat(seen)
                        .allMatch(line -> line.startsWith("CONNECT ") || line.equals("- -"));
                return;
            }
            // What comes behind it is a request of its own, and was decided as one.
            case FORWARDED -> {
                if (!refusedByItself(server, sent)) {
                    assertThat(seen).hasSize(2);
                    assertThat(seen.getFirst()).endsWith(" /a" + sent.rest());
                }
                assertThat(seen.getLast()).isEqualTo("GET /last");
            }
        }
        assertThat(target.decided()).containsAll(seen);
    }

    /** Jetty takes no escaped line breaks in a target. */
    private static boolean refusedByItself(String server, Case sent) {
        return server.equals("Jetty") && sent.rest().contains("%0d%0a");
    }

    private static String te(String coding) {
        return POST + "Transfer-Encoding: " + coding + "\r\n\r\n" + LAST;
    }

    private static String cl(String length, String... more) {
        return POST + "Content-Length: " + length + "\r\n" + String.join("", more) + "\r\nbody";
    }

    private static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    private static String connect(String fields) {
        return "CONNECT hidden:80 HTTP/1.1\r\nHost: hidden:80\r\n" + fields + "\r\n";
    }

    private static Case tunnel(String name, String early) {
        return new Case(name, connect("") + early, Expected.NO_TUNNEL, "");
    }

    private static Case refused(String name, String bytes) {
        return new Case(name, bytes, Expected.REFUSED, "");
    }

    /** The head has gone on when its body turns out to be none. */
    private static Case refusedLate(String name, String body) {
        return new Case(name, POST + CHUNKED + "\r\n" + body, Expected.REFUSED_LATE, "");
    }

    private static Case forwarded(String name, String bytes) {
        return new Case(name, bytes, Expected.FORWARDED, "");
    }

    private enum Expected {
        REFUSED,
        REFUSED_LATE,
        NO_TUNNEL,
        FORWARDED
    }

    /**
     * @param rest what follows {@code /a} in the target
     */
    record Case(String name, String bytes, Expected expected, String rest) {}

    /** A real server behind the inbound listener. */
    interface Backend extends AutoCloseable {
        SocketAddress address();

        /** Method and target of each request it answered. */
        List<String> seen() throws IOException;
    }

    /** A server and the pair in front of it. */
    private record Target(Backend backend, Mesh mesh, MtlsClient peer) {
        private static final String MARKER = "GET /marker";

        static Target of(Backend backend) {
            Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
            try {
                return new Target(
                        backend,
                        mesh,
                        MtlsClient.with(
                                mesh.certificate(mesh.web), mesh.authority.root().certificate()));
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Sends, reads to the end; then has seen what the server has seen. */
        String send(String bytes) throws Exception {
            String answer = exchange(bytes);
            long markers = markers();
            exchange(MARKER + " HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
            await().atMost(Mesh.PATIENCE).until(() -> markers() > markers);
            return answer;
        }

        List<String> seen() throws IOException {
            return backend.seen().stream().filter(line -> !line.equals(MARKER)).toList();
        }

        /** As the authorizer was asked, without the host. */
        List<String> decided() {
            return mesh.authorizer.asked().stream()
                    .map(line -> line.replaceFirst(" \\S+ ", " "))
                    .toList();
        }

        void close() throws Exception {
            mesh.close();
            backend.close();
        }

        private long markers() throws IOException {
            return backend.seen().stream().filter(MARKER::equals).count();
        }

        private String exchange(String bytes) throws IOException {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try (Socket client = peer.connect(mesh.inbound())) {
                client.getOutputStream().write(RawBackend.ascii(bytes));
                client.getInputStream().transferTo(answer);
            } catch (IOException e) {
                // Refused while we were still sending; what came before counts.
            }
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }
}
