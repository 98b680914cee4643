package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.proxy.http2.Http2Limits;
import dev.countersign.agent.proxy.http2.KeepAlive;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A peer whose kernel answers while it does not. */
final class Http2KeepAliveTest {
    private static final ProxyLimits IMPATIENT =
            ProxyLimits.defaults()
                    .withHttp2(
                            Http2Limits.defaults()
                                    .with(
                                            100,
                                            2000,
                                            new KeepAlive.Settings(
                                                    Duration.ofMillis(50),
                                                    Duration.ofMillis(200))));

    private final Http2Backend backend = new Http2Backend();
    private final Mesh mesh = Mesh.of(backend.address(), Protocol.HTTP, IMPATIENT);

    @AfterEach
    void close() throws IOException {
        mesh.close();
        backend.close();
    }

    @Test
    void whoDoesNotAnswerWhileAStreamIsOpenIsGivenUp() throws Exception {
        try (Http2Wire peer = peer()) {
            peer.request(1, true, "GET", "/hang");
            await().atMost(Mesh.PATIENCE).until(() -> !backend.heads().isEmpty());
            await().atMost(Mesh.PATIENCE).until(() -> mesh.called.connections().isEmpty());
        }
    }

    @Test
    void whoAnswersIsAskedAgainAndKept() throws Exception {
        try (Http2Wire peer = peer()) {
            peer.request(1, true, "GET", "/hang");
            for (int i = 0; i < 5; i++) {
                Http2Wire.Frame ping = peer.next(Http2Wire.PING, Http2Wire.GOAWAY);
                assertThat(ping.type()).isEqualTo(Http2Wire.PING);
            }
            assertThat(mesh.called.connections()).hasSize(1);
            peer.request(3, true, "GET", "/");
            assertThat(peer.answer(3).text()).isEqualTo("hello, world");
        }
    }

    @Test
    void aConnectionThatCarriesNothingIsLeftAlone() throws Exception {
        try (Http2Wire silent = peer();
                Http2Wire asked = peer()) {
            silent.request(1, true, "GET", "/");
            assertThat(silent.answer(1).status()).isEqualTo("200");
            asked.request(1, true, "GET", "/hang");
            for (int i = 0; i < 5; i++) {
                asked.next(Http2Wire.PING);
            }
            assertThat(mesh.called.connections()).hasSize(2);
        }
    }

    @Test
    void agentsAskEachOtherAndAnswer() throws Exception {
        try (Http2Wire application = Http2Wire.client(mesh.dial());
                Http2Wire asked = peer()) {
            application.request(1, true, "GET", "/hang");
            asked.request(1, true, "GET", "/hang");
            for (int i = 0; i < 5; i++) {
                asked.next(Http2Wire.PING);
            }
            application.request(3, true, "GET", "/");
            assertThat(application.answer(3).status()).isEqualTo("200");
            assertThat(mesh.called.connections()).hasSize(2);
        }
    }

    private Http2Wire peer() throws Exception {
        return Http2Wire.client(
                MtlsClient.with(mesh.certificate(mesh.web), mesh.authority.root().certificate())
                        .connect(mesh.inbound(), "h2"));
    }
}
