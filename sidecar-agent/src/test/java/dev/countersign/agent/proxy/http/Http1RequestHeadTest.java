package dev.countersign.agent.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.agent.provider.HeaderField;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Http1RequestHeadTest {
    private static final String HEAD =
            lines(
                    "POST /a/b?x=1#f HTTP/1.1",
                    "Host: orders:8080",
                    "X-A: 1",
                    "x-a:2 ",
                    "Connection: keep-alive, X-Named",
                    "X-Named: 1",
                    "Keep-Alive: 5",
                    "X_Countersign_Peer: spiffe://evil/x",
                    "x-countersign-denied: no",
                    "X-Forwarded-Client-Cert: evil",
                    "Content-Length: 3",
                    "");

    @Test
    void everySplitFindsTheSameEnd() throws HttpRefused {
        ByteBuf whole = bytes(HEAD + "abc");
        for (int split = 1; split <= HEAD.length(); split++) {
            ByteBuf part = whole.slice(0, split - 1);
            int progress = HeadBuffer.findEnd(part, 0);

            assertThat(progress).isLessThanOrEqualTo(0);
            assertThat(HeadBuffer.findEnd(whole, progress)).isEqualTo(HEAD.length());
        }
    }

    @Test
    void whatIsForwardedIsWhatWasMatchedWithoutHopsAndIdentities() throws HttpRefused {
        Http1RequestHead head = parse(HEAD);

        ByteBuf out = Unpooled.buffer();
        head.usePath("/normal");
        head.writeTo(
                out,
                AddedFields.of(List.of(new HeaderField("x-countersign-peer", "me"))),
                Optional.empty());

        assertThat(out.toString(StandardCharsets.US_ASCII))
                .isEqualTo(
                        lines(
                                "POST /normal?x=1 HTTP/1.1",
                                "Host: orders:8080",
                                "X-A: 1",
                                "x-a:2 ",
                                "Content-Length: 3",
                                "x-countersign-peer: me",
                                ""));
        assertThat(head.field("x-a")).isEqualTo("1,2");
        assertThat(head.field("x-named")).isNull();
        assertThat(head.field("x_countersign_peer")).isNull();
    }

    @Test
    void theAbsoluteFormIsForwardedInOriginForm() throws HttpRefused {
        Http1RequestHead head = parse("GET http://Orders/a?b HTTP/1.1\r\nHost: orders\r\n\r\n");

        ByteBuf out = Unpooled.buffer();
        head.writeTo(out, AddedFields.NONE, Optional.empty());

        assertThat(out.toString(StandardCharsets.US_ASCII))
                .isEqualTo("GET /a?b HTTP/1.1\r\nHost: orders\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, true",
        "h2c, false",
        "H2C, false",
        "HTTP/2.0, false",
        "TLS/1.3, false",
        "'websocket, h2c', false"
    })
    void onlyProtocolsThatCarryNoRequestsAreUpgradedTo(String protocol, boolean allowed)
            throws HttpRefused {
        Http1RequestHead head =
                parse(
                        lines(
                                "GET / HTTP/1.1",
                                "Host: o",
                                "Connection: upgrade",
                                "Upgrade: " + protocol,
                                ""));

        assertThat(head.upgrade().isPresent()).isEqualTo(allowed);
    }

    @Test
    void aHeadIsReadTheSameAfterARefusedOne() throws HttpRefused {
        Http1RequestHead head = new Http1RequestHead();
        String bad = "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThatThrownBy(() -> head.parse(bytes(bad), bad.length()))
                .isInstanceOf(HttpRefused.class);

        String good = "GET /x HTTP/1.1\r\nHost: o\r\n\r\n";
        head.parse(bytes(good), good.length());

        assertThat(head.framing()).isEqualTo(BodyFraming.NONE);
        assertThat(head.path()).isEqualTo("/x");
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    private static Http1RequestHead parse(String text) throws HttpRefused {
        Http1RequestHead head = new Http1RequestHead();
        head.parse(bytes(text), text.length());
        return head;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }
}
