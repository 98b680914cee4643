package dev.countersign.agent.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.agent.proxy.http.HttpRefused;
import dev.countersign.testing.Cases;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a header list holds: it is refused, or what goes on could be written as lines of HTTP/1 and
 * nobody would read another request in them.
 */
final class Http2HeadFuzzTest {
    private static final String[] WORDS = {
        ":method",
        ":path",
        ":scheme",
        ":authority",
        ":status",
        ":protocol",
        "host",
        "cookie",
        "te",
        "trailers",
        "x",
        "X",
        "x_countersign_peer",
        "x-forwarded-client-cert",
        "content-length",
        "transfer_encoding",
        "expect",
        "100-continue",
        "GET",
        "CONNECT",
        "OPTIONS",
        "http",
        "/",
        "/a",
        "*",
        "?q",
        "#f",
        "orders",
        "orders:80",
        "a b",
        " a",
        "\r\n",
        "\0",
        "\u00e9",
        "",
        "..",
        "%2e"
    };

    @FuzzTest(maxDuration = "20s")
    void headsAreForwardedOnlyWhereEverybodyReadsThemAlike(byte[] data) {
        if (data.length > 0 && data[0] % 2 == 0) {
            check(decoded(data));
        } else {
            check(lines(new String(data, StandardCharsets.ISO_8859_1)));
        }
    }

    @Test
    void anEmptyHostIsNoAuthority() {
        Http2Headers headers =
                new DefaultHttp2Headers().method("GET").scheme("http").path("/a").add("host", "");

        assertThatThrownBy(() -> Http2RequestHead.of(headers))
                .isInstanceOf(HttpRefused.class)
                .hasMessageContaining(":authority: none");
    }

    static Stream<Long> seeds() {
        return Cases.seeds(20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sentencesOfHttpAreForwardedOnlyWhereEverybodyReadsThemAlike(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            StringBuilder text =
                    new StringBuilder(":method=GET\1:scheme=http\1:authority=orders\1:path=/a\1");
            text.setLength(random.nextInt(4) == 0 ? 0 : text.length());
            int fields = random.nextInt(4);
            for (int i = 0; i < fields; i++) {
                text.append(word(random)).append('=');
                text.append(word(random)).append(word(random)).append('\1');
            }
            check(lines(text.toString()));
        }
    }

    private static String word(Random random) {
        return WORDS[random.nextInt(WORDS.length)];
    }

    private static void check(Http2Headers headers) {
        Http2RequestHead head;
        try {
            head = Http2RequestHead.of(headers);
        } catch (HttpRefused refused) {
            return;
        }
        assertThat(head.host()).matches("[\\[\\]!-.0-~]+").doesNotContain("/", "@");
        assertThat(headers.authority()).hasToString(head.host());
        if (!head.method().equals("CONNECT")) {
            assertThat(head.path()).matches("[/*][!-~]*").doesNotContain("?", "#");
            assertThat(headers.path()).hasToString(head.target());
        }
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            String name = field.getKey().toString();
            assertThat(name).matches(":?[!#-'*+.0-9^-z|~-]+");
            assertThat(name.replace('_', '-'))
                    .doesNotStartWith("x-countersign-")
                    .isNotIn(
                            "x-forwarded-client-cert",
                            "host",
                            "connection",
                            "transfer-encoding",
                            "upgrade");
            assertThat(field.getValue().toString())
                    .matches("(?s)([^\0-\u0008\n-\u001f\u007f]*)")
                    .isEqualTo(field.getValue().toString().strip());
        }
    }

    /** As the codec hands it on. */
    private static Http2Headers decoded(byte[] data) {
        try {
            return new DefaultHttp2HeadersDecoder(true, 64 * 1024)
                    .decodeHeaders(1, Unpooled.wrappedBuffer(data, 1, data.length - 1));
        } catch (Http2Exception | IllegalArgumentException refused) {
            return new DefaultHttp2Headers();
        }
    }

    /** Fields written as {@code name=value}, checked as the codec does. */
    private static Http2Headers lines(String text) {
        Http2Headers headers = new DefaultHttp2Headers(true);
        for (String line : text.split("\1", -1)) {
            int equals = line.indexOf('=');
            if (equals < 0) {
                continue;
            }
            try {
                headers.add(
                        new AsciiString(line.substring(0, equals)),
                        new AsciiString(line.substring(equals + 1)));
            } catch (Exception refused) { // Netty throws a checked one unseen
                return new DefaultHttp2Headers();
            }
        }
        return headers;
    }
}
