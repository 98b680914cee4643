package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.authorization.FakeAuthorizer;
import dev.countersign.agent.proxy.HttpClientSocket.Response;
import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.testing.Cases;
import dev.countersign.testing.HeldPort;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 through the pair, a real application behind it. */
final class HttpProxyTest {
    static Stream<Long> seeds() {
        return Cases.seeds(12);
    }

    private final HttpBackend backend = new HttpBackend();
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);

    @AfterEach
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    @Test
    void aRequestCarriesThePeersIdentityAndNoneItBrought() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send(
                    "GET /a HTTP/1.1",
                    "Host: orders",
                    "X-Countersign-Peer: spiffe://mesh.test/ns/shop/sa/admin",
                    "x_countersign_peer: spiffe://mesh.test/ns/shop/sa/admin",
                    "X-Forwarded-Client-Cert: By=admin",
                    "x_forwarded_client_cert: By=admin",
                    "Connection: x-countersign-peer, x-hop",
                    "X-Hop: 1",
                    "X-End: 2");

            assertThat(client.receive().status()).isEqualTo(200);
        }
        assertThat(backend.heads())
                .singleElement()
                .asString()
                .isEqualTo(
                        String.join(
                                "\r\n",
                                "GET /a HTTP/1.1",
                                "Host: orders",
                                "X-End: 2",
                                "x-countersign-peer: spiffe://mesh.test/ns/shop/sa/web",
                                "",
                                ""));
    }

    @Test
    void connectionsAreKeptOnEveryLeg() throws Exception {
        try (HttpClientSocket client = dial()) {
            for (int i = 0; i < 20; i++) {
                client.send("GET /" + i + " HTTP/1.1", "Host: orders");
                assertThat(client.receive().body()).isEqualTo("ok");
            }
        }
        assertThat(backend.connections()).isEqualTo(1);
        assertThat(mesh.called.connections()).hasSize(1);
    }

    @Test
    void theCallersAgentReportsWhomItsApplicationCalls() throws Exception {
        try (HttpClientSocket client = dial()) {
            for (String path : List.of("/orders/1", "/orders/2?token=secret", "/health")) {
                client.send("GET " + path + " HTTP/1.1", "Host: orders");
                assertThat(client.receive().status()).isEqualTo(200);
            }
        }

        assertThat(mesh.callerEdges.next().orElseThrow().edges())
                .extracting(
                        ReportedEdge::direction,
                        ReportedEdge::peer,
                        ReportedEdge::port,
                        ReportedEdge::method,
                        ReportedEdge::path,
                        ReportedEdge::tls,
                        ReportedEdge::count)
                .containsExactlyInAnyOrder(
                        tuple(
                                EdgeDirection.OUTBOUND,
                                mesh.orders.toString(),
                                mesh.inbound().getPort(),
                                "GET",
                                "/orders/{*}",
                                EdgeTls.MTLS,
                                2L),
                        tuple(
                                EdgeDirection.OUTBOUND,
                                mesh.orders.toString(),
                                mesh.inbound().getPort(),
                                "GET",
                                "/health",
                                EdgeTls.MTLS,
                                1L));
        assertThat(mesh.calledEdges.size()).as("what is let in is the authorizer's").isZero();
    }

    @Test
    void anotherClientUsesThePooledConnection() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (HttpClientSocket client = dial()) {
                client.send("GET / HTTP/1.1", "Host: orders", "Connection: close");
                assertThat(client.receive().head()).contains("Connection: close");
                assertThat(client.rest()).isEmpty();
            }
        }
        assertThat(backend.connections()).isEqualTo(1);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.sendRaw(
                    String.join(
                            "\r\n",
                            "POST /echo HTTP/1.1",
                            "Host: orders",
                            "Content-Length: 3",
                            "",
                            "onePOST /echo HTTP/1.1",
                            "Host: orders",
                            "Content-Length: 3",
                            "",
                            "twoGET / HTTP/1.1",
                            "Host: orders",
                            "",
                            ""));

            assertThat(client.receive().body()).isEqualTo("one");
            assertThat(client.receive().body()).isEqualTo("two");
            assertThat(client.receive().body()).isEqualTo("ok");
        }
    }

    @Test
    void chunksAndTrailersPassBothWays() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /chunked HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("hello world[X-Sum: 11]");

            client.sendRaw(
                    String.join(
                            "\r\n",
                            "POST /echo HTTP/1.1",
                            "Host: orders",
                            "Transfer-Encoding: chunked",
                            "",
                            "3;ext",
                            "abc",
                            "0",
                            "",
                            ""));
            assertThat(client.receive().body())
                    .isEqualTo(String.join("\r\n", "3", "abc", "0", "", ""));
        }
    }

    @Test
    void answersWithoutABodyLeaveTheConnectionInStep() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("HEAD /head HTTP/1.1", "Host: orders");
            assertThat(client.receive(true).head()).contains("Content-Length: 1234");
            client.send("GET /no-content HTTP/1.1", "Host: orders");
            assertThat(client.receive(true).status()).isEqualTo(204);
            client.send("GET /not-modified HTTP/1.1", "Host: orders");
            assertThat(client.receive(true).status()).isEqualTo(304);
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("ok");
        }
    }

    @Test
    void interimAnswersPass() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /hints HTTP/1.1", "Host: orders");
            assertThat(client.receive().status()).isEqualTo(103);
            assertThat(client.receive().body()).isEqualTo("ok");

            client.send(
                    "POST /continue HTTP/1.1",
                    "Host: orders",
                    "Content-Length: 4",
                    "Expect: 100-continue");
            assertThat(client.receive().status()).isEqualTo(100);
            client.sendRaw("body");
            assertThat(client.receive().body()).isEqualTo("body");
        }
    }

    @Test
    void anAnswerThatEndsWithTheConnectionDoesSoForTheClient() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /until-close HTTP/1.1", "Host: orders");

            assertThat(client.receive(true).head()).contains("Connection: close");
            assertThat(client.rest()).isEqualTo("all of it");
        }
    }

    @Test
    void anAnswerCutShortIsNotTakenForWhole() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /cut-short HTTP/1.1", "Host: orders");
            assertThat(client.receive(true).head()).contains("Content-Length: 100");

            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
    }

    @Test
    void http10ClientsAreAnsweredInTheirOwnTerms() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /chunked HTTP/1.0");

            Response response = client.receive(true);
            assertThat(response.head())
                    .contains("Connection: close")
                    .doesNotContain("Transfer-Encoding");
            assertThat(client.rest()).isEqualTo("hello world");
        }
        try (HttpClientSocket client = dial()) {
            client.send("GET / HTTP/1.0", "Host: orders", "Connection: keep-alive");
            assertThat(client.receive().head()).contains("Connection: keep-alive");
            client.send("GET / HTTP/1.0", "Host: orders");
            assertThat(client.receive().head()).contains("Connection: close");
        }
    }

    @Test
    void aDeniedRequestIsAnsweredWithItsIdAndTheConnectionGoesOn() throws Exception {
        mesh.authorizer.rule(request -> !Objects.equals(request.path(), "/admin"));
        try (HttpClientSocket client = dial()) {
            client.send("POST /admin HTTP/1.1", "Host: orders", "Content-Length: 0");
            Response denied = client.receive();
            client.send("POST /admin HTTP/1.1", "Host: orders", "Content-Length: 4");
            client.sendRaw("body");
            Response withBody = client.receive();
            client.send("GET /fine HTTP/1.1", "Host: orders");
            Response allowed = client.receive();

            assertThat(denied.status()).isEqualTo(403);
            assertThat(denied.head()).contains("x-countersign-denied: " + FakeAuthorizer.DENIAL_ID);
            assertThat(denied.body().trim()).isEqualTo(FakeAuthorizer.DENIAL_ID);
            assertThat(withBody.status()).isEqualTo(403);
            assertThat(allowed.body()).isEqualTo("ok");
        }
        assertThat(backend.heads()).noneMatch(head -> head.contains("admin"));
        assertThat(
                        Mesh.count(
                                mesh.calledMeters,
                                "countersign.agent.requests",
                                "direction",
                                "inbound",
                                "outcome",
                                "denied",
                                "code",
                                "4xx"))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/x/../admin",
                "/./admin",
                "//admin",
                "/%61dmin",
                "/x/%2e%2e/admin",
                "/x\\..\\admin",
                "/admin#fragment",
                "http://orders/admin",
                "http://orders//admin"
            })
    void whatIsMatchedIsTheNormalisedPath(String target) throws Exception {
        mesh.authorizer.rule(request -> !Objects.equals(request.path(), "/admin"));
        try (HttpClientSocket client = dial()) {
            client.send("GET " + target + " HTTP/1.1", "Host: orders");

            assertThat(client.receive().status()).isEqualTo(403);
        }
        assertThat(backend.heads()).isEmpty();
    }

    @Test
    void theForwardedPathIsTheMatchedOne() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /x/..//%61/b?q=/../1 HTTP/1.1", "Host: orders");
            client.receive();
        }
        assertThat(mesh.authorizer.asked()).containsExactly("GET orders /a/b");
        assertThat(backend.heads().getFirst()).startsWith("GET /a/b?q=/../1 HTTP/1.1");
    }

    @Test
    void everyRequestOfAConnectionIsDecided() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /a HTTP/1.1", "Host: orders");
            assertThat(client.receive().status()).isEqualTo(200);
            mesh.authorizer.rule(request -> false);
            client.send("GET /a HTTP/1.1", "Host: orders");

            assertThat(client.receive().status()).isEqualTo(403);
        }
    }

    @Test
    void policySeesTheFieldsTheApplicationSees() throws Exception {
        mesh.authorizer.rule(request -> request.header("x-role") == null);
        try (HttpClientSocket client = dial()) {
            client.send("GET / HTTP/1.1", "Host: orders", "X-Role: admin");
            assertThat(client.receive().status()).isEqualTo(403);
            client.send("GET / HTTP/1.1", "Host: orders", "Connection: X-Role", "X-Role: admin");
            assertThat(client.receive().status()).isEqualTo(200);
        }
        assertThat(backend.heads()).noneMatch(head -> head.contains("Role"));
    }

    @Test
    void anApplicationCannotPretendToBeTheAgent() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /pretender HTTP/1.1", "Host: orders");

            assertThat(client.receive().head()).doesNotContainIgnoringCase("x-countersign");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bad-length", "/bad-both", "/bad-line", "/bad-fold", "/bad-lf"})
    void anAnswerThatCouldBeReadOtherwiseIsABadGateway(String path) throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET " + path + " HTTP/1.1", "Host: orders");
            assertThat(client.receive().status()).isEqualTo(502);
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("ok");
        }
    }

    @Test
    void anAnswerNobodyAskedForIsNeverGivenToTheNextRequest() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET /two-answers HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("a");
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().body()).isEqualTo("ok");
        }
        assertThat(backend.connections()).isEqualTo(2);
    }

    @Test
    void aStaleConnectionIsReplacedForASafeRequest() throws Exception {
        try (HttpClientSocket client = dial()) {
            for (int i = 0; i < 10; i++) {
                client.send("GET /close-after HTTP/1.1", "Host: orders");
                assertThat(client.receive().body()).isEqualTo("ok");
            }
        }
    }

    @Test
    void anUpgradeBecomesATunnelDecidedOnce() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send(
                    "GET /upgrade HTTP/1.1",
                    "Host: orders",
                    "Connection: Upgrade",
                    "Upgrade: websocket");
            Response response = client.receive();
            client.sendRaw("GET /not-a-request");
            client.socket().shutdownOutput();

            assertThat(response.status()).isEqualTo(101);
            assertThat(response.head()).containsIgnoringCase("upgrade: websocket");
            assertThat(client.rest()).isEqualTo("first words;GET /not-a-request");
        }
        assertThat(mesh.authorizer.asked()).containsExactly("GET orders /upgrade");
    }

    @Test
    void aTunnelIsClosedWhenPolicyChanges() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send(
                    "GET /upgrade HTTP/1.1",
                    "Host: orders",
                    "Connection: Upgrade",
                    "Upgrade: websocket");
            client.receive();
            assertThat(
                            new String(
                                    client.in().readNBytes(12),
                                    java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("first words;");

            mesh.authorizer.rule(request -> false);
            mesh.policies.changed();

            assertThat(endOf(client)).isTrue();
        }
    }

    @Test
    void anUpgradeThatWouldCarryRequestsIsNotOffered() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send(
                    "GET /upgrade HTTP/1.1",
                    "Host: orders",
                    "Connection: Upgrade, HTTP2-Settings",
                    "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABkAAQAAP__");

            assertThat(client.receive().status()).isEqualTo(502);
        }
        assertThat(backend.heads().getFirst()).doesNotContainIgnoringCase("upgrade:");
    }

    @Test
    void bigBodiesStreamThroughBothWays() throws Exception {
        int size = 4_000_000;
        try (HttpClientSocket client = dial()) {
            client.send("POST /echo HTTP/1.1", "Host: orders", "Content-Length: " + size);
            byte[] body = new byte[size];
            new java.util.Random(7).nextBytes(body);
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    client.socket().getOutputStream().write(body);
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            });
            RawBackend.readHead(client.in());

            assertThat(client.in().readNBytes(size)).isEqualTo(body);
            writer.join();
        }
    }

    /**
     * Where a body ends within the reads of one wake-up decides what is left when the other side has
     * just become writable again, so many lengths are tried, around the sizes of buffers and marks.
     */
    @ParameterizedTest
    @MethodSource("seeds")
    void aBodyOfAnyLengthArrivesWholeAtWhoReadsItBeforeAnswering(long seed) throws Exception {
        Cases cases = new Cases(seed);
        try (HttpClientSocket client = dial()) {
            for (int i = 0; i < 40; i++) {
                int size = cases.between(1, 12) * 32_768 + cases.between(-600, 600);
                byte[] body = new byte[size];
                new java.util.Random(cases.random().nextLong()).nextBytes(body);
                byte[] head =
                        RawBackend.ascii(
                                "POST /echo HTTP/1.1\r\nHost: orders\r\nContent-Length: "
                                        + size
                                        + "\r\n\r\n");
                byte[] request = Arrays.copyOf(head, head.length + size);
                System.arraycopy(body, 0, request, head.length, size);

                client.socket().getOutputStream().write(request);

                assertThat(RawBackend.readHead(client.in())).as("answer to " + size).isNotEmpty();
                assertThat(Arrays.equals(client.in().readNBytes(size), body)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anAnswerOfAnyLengthArrivesWholeAtWhoReadsSlowly(long seed) throws Exception {
        Cases cases = new Cases(seed);
        try (HttpClientSocket client = dial()) {
            for (int i = 0; i < 10; i++) {
                int size = cases.between(1, 40) * 32_768 + cases.between(-600, 600);
                client.send("GET /bytes/" + size + " HTTP/1.1", "Host: orders");
                RawBackend.readHead(client.in());

                for (int left = size; left > 0; ) {
                    int read = client.in().readNBytes(cases.between(1, left)).length;
                    assertThat(read).as("read of " + left + " that are left").isPositive();
                    left -= read;
                }
            }
        }
    }

    @Test
    void anApplicationThatIsNotThereIsABadGateway() throws Exception {
        try (HeldPort nobody = HeldPort.open();
                Mesh lonely = Mesh.of(nobody.address(), Protocol.HTTP);
                HttpClientSocket client = new HttpClientSocket(lonely.dial())) {
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().status()).isEqualTo(502);
            client.send("GET / HTTP/1.1", "Host: orders");
            assertThat(client.receive().status()).isEqualTo(502);
        }
    }

    @Test
    void aHalfClosedClientStillGetsItsAnswer() throws Exception {
        try (HttpClientSocket client = dial()) {
            client.send("GET / HTTP/1.1", "Host: orders");
            client.socket().shutdownOutput();

            assertThat(client.receive().body()).isEqualTo("ok");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void drainingFinishesWhatIsAskedAndClosesWhatIsIdle() throws Exception {
        try (HttpClientSocket busy = dial();
                HttpClientSocket idle = dial()) {
            idle.send("GET / HTTP/1.1", "Host: orders");
            idle.receive();
            busy.send("POST /echo HTTP/1.1", "Host: orders", "Content-Length: 4");
            await().atMost(Mesh.PATIENCE).until(() -> backend.heads().size() == 2);
            Thread drain = Thread.ofVirtual().start(() -> mesh.caller.drain(Mesh.PATIENCE));
            assertThat(endOf(idle)).isTrue();
            busy.sendRaw("body");

            Response response = busy.receive();

            assertThat(response.body()).isEqualTo("body");
            assertThat(response.head()).contains("Connection: close");
            drain.join();
            assertThat(mesh.caller.accepted()).isZero();
        }
    }

    private static boolean endOf(HttpClientSocket client) throws IOException {
        try {
            return client.in().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private HttpClientSocket dial() throws IOException {
        return new HttpClientSocket(mesh.dial());
    }
}
