package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests an application might read differently, sent by a peer with a good certificate. The
 * application notes every byte it is sent: a second request must never be among them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HttpSmugglingTest {
    private static final String START = "POST /a HTTP/1.1\r\nHost: orders\r\n";
    private static final String SMUGGLED = "GET /admin HTTP/1.1\r\nHost: orders\r\n\r\n";

    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private final RawBackend backend =
            new RawBackend((socket, in, out) -> {
                byte[] buffer = new byte[4096];
                for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                    synchronized (seen) {
                        seen.write(buffer, 0, n);
                    }
                }
            });
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);
    private MtlsClient peer = client();

    @BeforeAll
    void connectAPeer() {
        peer = client();
    }

    @AfterAll
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    private MtlsClient client() {
        try {
            return MtlsClient.with(mesh.certificate(mesh.web), mesh.authority.root().certificate());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<Arguments> heads() {
        return Stream.of(
                refused(
                        "CL with TE",
                        START + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
                refused(
                        "TE with CL",
                        START + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
                refused("two CL", START + "Content-Length: 0\r\nContent-Length: 44\r\n"),
                refused("two equal CL", START + "Content-Length: 4\r\nContent-Length: 4\r\n"),
                refused("list CL", START + "Content-Length: 4, 4\r\n"),
                refused("signed CL", START + "Content-Length: +4\r\n"),
                refused("negative CL", START + "Content-Length: -1\r\n"),
                refused("hex CL", START + "Content-Length: 0x4\r\n"),
                refused("empty CL", START + "Content-Length: \r\n"),
                refused("huge CL", START + "Content-Length: 9999999999999999999\r\n"),
                refused("underscore CL", START + "Content_Length: 4\r\n"),
                refused("underscore TE", START + "Transfer_Encoding: chunked\r\n"),
                refused("xchunked", START + "Transfer-Encoding: xchunked\r\n"),
                refused("identity", START + "Transfer-Encoding: identity\r\n"),
                refused("gzip, chunked", START + "Transfer-Encoding: gzip, chunked\r\n"),
                refused("chunked twice", START + "Transfer-Encoding: chunked, chunked\r\n"),
                refused("two TE", START + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
                refused("vertical tab TE", START + "Transfer-Encoding:\u000bchunked\r\n"),
                refused("quoted TE", START + "Transfer-Encoding: \"chunked\"\r\n"),
                refused("TE space colon", START + "Transfer-Encoding : chunked\r\n"),
                refused("TE folded", START + "Transfer-Encoding:\r\n chunked\r\n"),
                refused("obs-fold", START + "X: 1\r\n folded\r\n"),
                refused("tab fold", START + "X: 1\r\n\tfolded\r\n"),
                refused("fold first", "GET / HTTP/1.1\r\n Host: orders\r\nHost: orders\r\n"),
                refused("bare LF line", START + "X: 1\nY: 2\r\n"),
                refused("bare LF request line", "GET / HTTP/1.1\nHost: orders\r\n"),
                refused("bare CR in value", START + "X: 1\rContent-Length: 4\r\n"),
                refused("CR CR LF", START + "X: 1\r\r\n"),
                refused("space before colon", START + "Host : orders\r\n"),
                refused("tab before colon", START + "X\t: orders\r\n"),
                refused("no colon", START + "Xorders\r\n"),
                refused("empty name", START + ": orders\r\n"),
                refused("NUL in value", START + "X: a\0b\r\n"),
                refused("NUL in name", START + "X\0: a\r\n"),
                refused("DEL in value", START + "X: a\u007fb\r\n"),
                refused("control in value", START + "X: a\u0001b\r\n"),
                refused("high byte in name", START + "X\u00e9: a\r\n"),
                refused("no Host", "GET / HTTP/1.1\r\n"),
                refused("two Hosts", "GET / HTTP/1.1\r\nHost: orders\r\nHost: admin\r\n"),
                refused("two equal Hosts", "GET / HTTP/1.1\r\nHost: orders\r\nHost: orders\r\n"),
                refused("Host with path", "GET / HTTP/1.1\r\nHost: orders/x\r\n"),
                refused("Host with user", "GET / HTTP/1.1\r\nHost: u@orders\r\n"),
                refused("Host with space", "GET / HTTP/1.1\r\nHost: orders admin\r\n"),
                refused("Host with list", "GET / HTTP/1.1\r\nHost: orders:80:90\r\n"),
                refused("absolute other", "GET http://admin/ HTTP/1.1\r\nHost: orders\r\n"),
                refused("absolute port", "GET http://orders:1/ HTTP/1.1\r\nHost: orders\r\n"),
                refused("absolute user", "GET http://u@orders/ HTTP/1.1\r\nHost: orders\r\n"),
                refused("other scheme", "GET ftp://orders/ HTTP/1.1\r\nHost: orders\r\n"),
                refused("no slash", "GET admin HTTP/1.1\r\nHost: orders\r\n"),
                refused("asterisk", "GET * HTTP/1.1\r\nHost: orders\r\n"),
                refused("two spaces", "GET  / HTTP/1.1\r\nHost: orders\r\n"),
                refused("space in target", "GET /a b HTTP/1.1\r\nHost: orders\r\n"),
                refused("tab in target", "GET /a\tb HTTP/1.1\r\nHost: orders\r\n"),
                refused("NUL in target", "GET /a\0b HTTP/1.1\r\nHost: orders\r\n"),
                refused("encoded NUL", "GET /a%00b HTTP/1.1\r\nHost: orders\r\n"),
                refused("high byte in target", "GET /\u00e9 HTTP/1.1\r\nHost: orders\r\n"),
                refused("bad method", "G(T / HTTP/1.1\r\nHost: orders\r\n"),
                refused("no method", " / HTTP/1.1\r\nHost: orders\r\n"),
                refused("HTTP/1.2", "GET / HTTP/1.2\r\nHost: orders\r\n"),
                refused("HTTP/2.0", "GET / HTTP/2.0\r\nHost: orders\r\n"),
                refused("h2 preface", "PRI * HTTP/2.0\r\n"),
                refused("lower version", "GET / http/1.1\r\nHost: orders\r\n"),
                refused("HTTP/0.9", "GET /\r\n"),
                refused("leading empty line", "\r\nGET / HTTP/1.1\r\nHost: orders\r\n"),
                refused("TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"),
                refused("Connection: Host", START + "Connection: host\r\n"),
                refused("Connection: CL", START + "Connection: content-length\r\n"),
                refused("Connection: TE", START + "Connection: close, Transfer-Encoding\r\n"),
                refused("CONNECT with CL", connect("orders:80", "Content-Length: 4\r\n")),
                refused("CONNECT with CL 0", connect("orders:80", "Content-Length: 0\r\n")),
                refused("CONNECT with TE", connect("orders:80", "Transfer-Encoding: chunked\r\n")),
                refused("CONNECT that expects", connect("orders:80", "Expect: 100-continue\r\n")),
                refused("CONNECT in 1.0", "CONNECT orders:80 HTTP/1.0\r\nHost: orders:80\r\n"),
                refused("CONNECT a path", "CONNECT /admin HTTP/1.1\r\nHost: orders:80\r\n"),
                refused("CONNECT a URL", "CONNECT http://o:80/ HTTP/1.1\r\nHost: o:80\r\n"),
                refused("CONNECT no port", connect("orders", "")),
                refused("CONNECT port 0", connect("orders:0", "")),
                refused("CONNECT port 65536", connect("orders:65536", "")),
                refused("CONNECT no host", connect(":80", "")),
                refused("CONNECT a user", connect("u@orders:80", "")),
                refused("CONNECT a query", connect("orders:80?a=b", "")),
                refused("CONNECT other", "CONNECT admin:80 HTTP/1.1\r\nHost: orders:80\r\n"),
                refused("CONNECT other port", "CONNECT o:81 HTTP/1.1\r\nHost: o:80\r\n"),
                refused("CONNECT two Hosts", connect("orders:80", "Host: admin:80\r\n")),
                refused("Expect", START + "Expect: 200-ok\r\n", 417),
                refused("101 fields", START + "X: 1\r\n".repeat(100)),
                refused("1 MB of fields", START + ("X: " + "a".repeat(1000) + "\r\n").repeat(1000)),
                refused("1 MB in one field", START + "X: " + "a".repeat(1 << 20) + "\r\n"),
                refused("1 MB target", "GET /" + "a".repeat(1 << 20) + " HTTP/1.1\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("heads")
    void aHeadThatCouldBeReadOtherwiseIsRefusedAndNeverForwarded(
            String fault, String head, int status) throws Exception {
        String answer = send(head + "\r\n" + SMUGGLED);

        assertThat(answer).as(fault).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.split("HTTP/1.1 ", -1)).as("answers").hasSize(2);
        assertThat(answer).contains("Connection: close");
        assertThat(seen()).isEmpty();
    }

    @Test
    void aBadChunkEndsTheConnectionBeforeTheNextRequest() throws Exception {
        for (String chunk :
                new String[] {
                    "0x1\r\na\r\n", "1\na\r\n0\r\n\r\n", "1\r\nab\r\n", "1;a\nb\r\na\r\n", "g\r\n"
                }) {
            try (RawBackend quiet = new RawBackend((socket, in, out) -> copy(in.readAllBytes()));
                    Mesh other = Mesh.of(quiet.address(), Protocol.HTTP);
                    Socket client = peer(other).connect(other.inbound())) {
                String head = START + "Transfer-Encoding: chunked\r\n\r\n";
                client.getOutputStream().write(RawBackend.ascii(head + chunk + SMUGGLED));

                assertThat(
                                new String(
                                        client.getInputStream().readAllBytes(),
                                        StandardCharsets.ISO_8859_1))
                        .startsWith("HTTP/1.1 400 ");
            }
        }
        assertThat(seen()).doesNotContain("GET /admin");
        synchronized (seen) {
            seen.reset();
        }
    }

    private static MtlsClient peer(Mesh mesh) throws Exception {
        return MtlsClient.with(mesh.certificate(mesh.web), mesh.authority.root().certificate());
    }

    private void copy(byte[] bytes) {
        synchronized (seen) {
            seen.writeBytes(bytes);
        }
    }

    private String send(String bytes) throws IOException {
        try (Socket client = peer.connect(mesh.inbound())) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    client.getOutputStream().write(RawBackend.ascii(bytes));
                                } catch (IOException e) {
                                    // Refused before all of it was sent.
                                }
                            });
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            try {
                for (int n = client.getInputStream().read(buffer);
                        n > 0;
                        n = client.getInputStream().read(buffer)) {
                    answer.write(buffer, 0, n);
                }
            } catch (IOException e) {
                // Closed while we were still sending; what came before counts.
            }
            writer.interrupt();
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private String seen() {
        synchronized (seen) {
            return seen.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private static String connect(String target, String fields) {
        return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + fields;
    }

    private static Arguments refused(String fault, String head) {
        return refused(fault, head, 400);
    }

    private static Arguments refused(String fault, String head, int status) {
        return Arguments.of(fault, head, status);
    }
}
