package dev.countersign.agent.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.authorization.FakeAuthorizer;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 through the pair, frame by frame, a real application behind it. */
final class Http2ProxyTest {
    private static final int CANCEL = 8;

    private final Http2Backend backend = new Http2Backend();
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP);

    @AfterEach
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    @Test
    void aRequestCarriesThePeersIdentityAndNoneItBrought() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(
                    1,
                    true,
                    "GET",
                    "/a?b",
                    "x-countersign-peer",
                    "admin",
                    "x_countersign_peer",
                    "admin",
                    "x-forwarded-client-cert",
                    "By=admin",
                    "x_forwarded_client_cert",
                    "By=admin",
                    "te",
                    "trailers",
                    "x-end",
                    "2");

            assertThat(client.answer(1).status()).isEqualTo("200");
        }
        assertThat(backend.heads())
                .containsExactly(
                        Map.of(
                                ":method",
                                "GET",
                                ":scheme",
                                "http",
                                ":authority",
                                "orders",
                                ":path",
                                "/a?b",
                                "te",
                                "trailers",
                                "x-end",
                                "2",
                                "x-countersign-peer",
                                mesh.web.toString()));
    }

    @Test
    void streamsShareOneConnectionOnEveryLegAndAreDecidedOneByOne() throws Exception {
        mesh.authorizer.rule(request -> !Objects.equals(request.path(), "/admin"));
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/echo");
            client.request(3, true, "GET", "/admin");
            client.request(5, true, "GET", "/fine");

            Http2Wire.Answer denied = client.answer(3);
            assertThat(denied.status()).isEqualTo("403");
            assertThat(denied.head).containsEntry("x-countersign-denied", FakeAuthorizer.DENIAL_ID);
            assertThat(denied.text().trim()).isEqualTo(FakeAuthorizer.DENIAL_ID);
            client.data(1, true, "body");
            assertThat(client.answer(1).text()).isEqualTo("body");
        }
        assertThat(backend.heads()).noneMatch(head -> head.containsValue("/admin"));
        assertThat(backend.connections()).isEqualTo(1);
        assertThat(mesh.called.connections()).hasSize(1);
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
                .isEqualTo(1);
    }

    @Test
    void connectIsDecidedOnceByItsAuthorityAndCarriesWhatItLikes() throws Exception {
        mesh.authorizer.rule(request -> Objects.equals(request.host(), "db:5432"));
        try (Http2Wire client = dial()) {
            client.headers(1, false, ":method", "CONNECT", ":authority", "db:5432");
            client.data(1, false, "GET /admin HTTP/1.1\r\n\r\n");
            client.data(1, true, "end");
            assertThat(client.answer(1).text()).isEqualTo("GET /admin HTTP/1.1\r\n\r\nend");

            client.headers(3, false, ":method", "CONNECT", ":authority", "other:5432");
            assertThat(client.answer(3).status()).isEqualTo("403");
        }
        assertThat(mesh.authorizer.asked())
                .containsExactly("CONNECT db:5432 null", "CONNECT other:5432 null");
        assertThat(backend.heads())
                .containsExactly(
                        Map.of(
                                ":method",
                                "CONNECT",
                                ":authority",
                                "db:5432",
                                "x-countersign-peer",
                                mesh.web.toString()));
    }

    @Test
    void aDeniedCallOfGrpcIsToldInItsOwnWords() throws Exception {
        mesh.authorizer.rule(request -> false);
        try (Http2Wire client = dial()) {
            client.request(
                    1, false, "POST", "/shop.Orders/Get", "content-type", "application/grpc+proto");

            Http2Wire.Answer denied = client.answer(1);

            assertThat(denied.head)
                    .containsEntry(":status", "200")
                    .containsEntry("grpc-status", "7")
                    .containsEntry("x-countersign-denied", FakeAuthorizer.DENIAL_ID);
            assertThat(denied.head.get("grpc-message")).contains(FakeAuthorizer.DENIAL_ID);
            assertThat(denied.body.size()).isZero();
        }
        assertThat(backend.heads()).isEmpty();
    }

    @Test
    void trailersAndInterimAnswersPassBothWaysWithoutWhatComesTooLate() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", "/trailers");
            Http2Wire.Answer answer = client.answer(1);
            client.request(3, true, "GET", "/hints");
            Http2Wire.Answer hints = client.answer(3);
            client.request(5, false, "POST", "/echo");
            client.data(5, false, "a");
            client.headers(
                    5, true, "x-sum", "1", "x-countersign-peer", "me", "authorization", "no");
            Http2Wire.Answer echo = client.answer(5);

            assertThat(answer.text()).isEqualTo("hello");
            assertThat(answer.trailers).isEqualTo(Map.of("x-sum", "5"));
            assertThat(hints.interim).containsExactly("103");
            assertThat(hints.status()).isEqualTo("200");
            assertThat(echo.text()).isEqualTo("a");
            assertThat(echo.trailers).isEqualTo(Map.of("x-sum", "1"));
        }
        assertThat(backend.trailers()).containsExactly(Map.of("x-sum", "1"));
    }

    @Test
    void bytesFlowBothWaysAtOnce() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/echo");
            assertThat(client.next(Http2Wire.HEADERS).stream()).isEqualTo(1);
            for (int i = 0; i < 50; i++) {
                client.data(1, false, "ping " + i);
                assertThat(new String(client.next(Http2Wire.DATA).payload(), UTF_8))
                        .isEqualTo("ping " + i);
            }
            client.data(1, true, "");
            assertThat(client.next(Http2Wire.DATA).isEnd()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/x/../admin, /admin",
        "/./admin, /admin",
        "//admin, /admin",
        "/%61dmin, /admin",
        "/admin?x, /admin?x",
        "/admin#fragment, /admin",
        "/a//b/../c?d=/../e, /a/c?d=/../e"
    })
    void whatIsMatchedIsForwarded(String sent, String forwarded) throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", sent);
            client.answer(1);
        }
        assertThat(backend.heads().getFirst()).containsEntry(":path", forwarded);
        assertThat(mesh.authorizer.asked())
                .containsExactly("GET orders " + forwarded.replaceAll("\\?.*", ""));
    }

    @Test
    void aClientThatGoesAwayTakesItsStreamAway() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/hang");
            await().atMost(Mesh.PATIENCE).until(() -> backend.heads().size() == 1);
            client.reset(1, CANCEL);
            await().atMost(Mesh.PATIENCE)
                    .until(() -> backend.resets().equals(java.util.List.of(CANCEL)));
            client.request(3, true, "POST", "/hang");
            await().atMost(Mesh.PATIENCE).until(() -> backend.heads().size() == 2);
        }
        await().atMost(Mesh.PATIENCE).until(() -> backend.resets().size() == 2);
    }

    @Test
    void anApplicationsResetIsPassedOnAndAnAnswerBeforeItIsWhole() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", "/reset");
            assertThat(client.answer(1).reset).isEqualTo(11);
            client.request(3, true, "GET", "/begin-reset");
            assertThat(client.answer(3).reset).isEqualTo(11);
            client.request(5, false, "POST", "/early");
            assertThat(client.answer(5).status()).isEqualTo("413");
            assertThat(client.next(Http2Wire.RST_STREAM).code()).isZero();
        }
    }

    @Test
    void anApplicationThatIsNotThereOrLeavesIsABadGateway() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/close");
            assertThat(client.answer(1).status()).isEqualTo("502");
            client.request(3, false, "POST", "/close", "content-type", "application/grpc");
            assertThat(client.answer(3).head).containsEntry("grpc-status", "14");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bad-status", "/bad-value", "/bad-switch"})
    void anAnswerThatCouldBeReadOtherwiseIsABadGateway(String path) throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", path);
            assertThat(client.answer(1).status()).isEqualTo("502");
            client.request(3, true, "GET", "/a");
            assertThat(client.answer(3).status()).isEqualTo("200");
        }
    }

    @Test
    void anApplicationCannotPretendToBeTheAgent() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", "/pretender");
            assertThat(client.answer(1).head).doesNotContainKey("x-countersign-denied");
        }
    }

    @Test
    void aStreamThatTheOtherSideNeverLookedAtIsSentAgain() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, true, "GET", "/a");
            client.answer(1);
            backend.goAway(1);
            await().atMost(Mesh.PATIENCE)
                    .untilAsserted(() -> {
                        client.request(3 + 2 * backend.heads().size(), true, "GET", "/b");
                        assertThat(backend.connections()).isEqualTo(2);
                    });
        }
        assertThat(Mesh.count(mesh.calledMeters, "countersign.agent.requests", "outcome", "failed"))
                .isZero();
    }

    @Test
    void aStreamEndsWithAStatusWhenPolicyNoLongerAllowsIt() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/grpc-begin", "content-type", "application/grpc");
            client.next(Http2Wire.HEADERS);
            client.request(3, false, "POST", "/begin");
            client.next(Http2Wire.HEADERS);
            client.request(5, false, "POST", "/hang");
            await().atMost(Mesh.PATIENCE).until(() -> backend.heads().size() == 3);

            mesh.authorizer.rule(request -> false);
            mesh.policies.changed();

            Http2Wire.Frame[] ends = new Http2Wire.Frame[6];
            while (ends[1] == null || ends[3] == null || ends[5] == null) {
                Http2Wire.Frame frame = client.next(Http2Wire.HEADERS, Http2Wire.RST_STREAM);
                if (ends[frame.stream()] == null) {
                    ends[frame.stream()] = frame;
                }
            }
            assertThat(client.fields(ends[1])).containsEntry("grpc-status", "7");
            assertThat(ends[3].code()).isEqualTo(CANCEL);
            assertThat(client.fields(ends[5])).containsEntry(":status", "403");
            await().atMost(Mesh.PATIENCE).until(() -> backend.resets().size() == 3);
            mesh.authorizer.rule(request -> true);
            client.request(7, true, "GET", "/a");
            assertThat(client.answer(7).status()).isEqualTo("200");
        }
    }

    @Test
    void drainingSaysGoAwayTwiceAndFinishesWhatIsAsked() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/echo");
            client.next(Http2Wire.HEADERS);
            Thread drain = Thread.ofVirtual().start(() -> mesh.caller.drain(Mesh.PATIENCE));

            Http2Wire.Frame first = client.next(Http2Wire.GOAWAY);
            Http2Wire.Frame second = client.next(Http2Wire.GOAWAY);
            client.data(1, true, "body");

            assertThat(java.nio.ByteBuffer.wrap(first.payload()).getInt())
                    .isEqualTo(Integer.MAX_VALUE);
            assertThat(java.nio.ByteBuffer.wrap(second.payload()).getInt()).isEqualTo(1);
            assertThat(client.answer(1).text()).isEqualTo("body");
            drain.join();
            assertThat(mesh.caller.accepted()).isZero();
        }
    }

    @Test
    void aRotationMakesNewConnectionsAndLeavesWhatRuns() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/echo");
            client.next(Http2Wire.HEADERS);

            mesh.rotate();
            client.request(3, true, "GET", "/a");

            assertThat(client.answer(3).status()).isEqualTo("200");
            assertThat(mesh.called.connections()).hasSize(2);
            client.data(1, true, "body");
            assertThat(client.answer(1).text()).isEqualTo("body");
            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.connections().size() == 1);
        }
    }

    @Test
    void aSlowApplicationHoldsItsClientBack() throws Exception {
        try (Http2Wire client = dial()) {
            client.request(1, false, "POST", "/no-window");
            Thread reader =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    client.answer(1);
                                } catch (IOException e) {
                                    // Closed when the test is over.
                                }
                            });
            await().atMost(Mesh.PATIENCE).until(() -> backend.heads().size() == 1);
            int sent = 0;
            // The application's window, and one of ours on each side, are all that may be filled.
            int most = 65_535 + 2 * 256 * 1024;
            while (sent + 16_000 < 256 * 1024) {
                client.data(1, false, new byte[16_000]);
                sent += 16_000;
            }
            await().during(java.time.Duration.ofMillis(200))
                    .atMost(Mesh.PATIENCE)
                    .until(() -> mesh.called.connections().size() == 1);
            assertThat(sent).isLessThan(most);
            client.close();
            reader.join();
        }
        await().atMost(Mesh.PATIENCE).until(() -> backend.resets().size() == 1);
    }

    private Http2Wire dial() throws IOException {
        return Http2Wire.client(mesh.dial());
    }
}
