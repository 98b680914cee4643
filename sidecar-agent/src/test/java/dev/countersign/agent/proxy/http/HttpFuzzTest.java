package dev.countersign.agent.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.testing.Cases;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever arrives: no exception but a refusal, the same result at every split, a stable rewrite. */
final class HttpFuzzTest {
    private static final String[] WORDS = {
        "GET ",
        "POST ",
        "/",
        "/a",
        "..",
        "?",
        "#",
        "%2e",
        " HTTP/1.1\r\n",
        " HTTP/1.0\r\n",
        "\r\n",
        "\n",
        "\r",
        "Host: o\r\n",
        "Host:",
        "Content-Length: 3\r\n",
        "Content-Length: ",
        "3",
        "0",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: ",
        "chunked",
        "Connection: close\r\n",
        "Connection: X\r\n",
        "X: 1\r\n",
        "X :",
        " ",
        "\t",
        "\0",
        "abc",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        ";x=1",
        "http://o/",
        "\u00e9",
        "x_countersign_peer: 1\r\n",
        "\r\n\r\n"
    };

    @FuzzTest(maxDuration = "20s")
    void requestsAreReadOrRefused(byte[] data) {
        readsTheSameAtASplit(data, data.length / 2);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sentencesOfHttpAreReadOrRefused(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\nHost: o\r\n");
            text.setLength(random.nextInt(3) == 0 ? 0 : text.length());
            int words = random.nextInt(12);
            for (int i = 0; i < words; i++) {
                text.append(WORDS[random.nextInt(WORDS.length)]);
            }
            text.append(random.nextBoolean() ? "\r\n\r\n" : "");
            byte[] data = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            readsTheSameAtASplit(data, data.length == 0 ? 0 : random.nextInt(data.length));
        }
    }

    private static Stream<Long> seeds() {
        return Cases.seeds(20);
    }

    private static void readsTheSameAtASplit(byte[] data, int split) {
        String whole = read(data, data.length);
        assertThat(read(data, split)).isEqualTo(whole);
        if (whole.startsWith("ok ")) {
            assertThat(whole).doesNotContain("\nx_countersign").doesNotContain("\0");
        }
    }

    /** Everything that would be forwarded, or why nothing is. */
    private static String read(byte[] data, int split) {
        ByteBuf in = Unpooled.wrappedBuffer(data);
        StringBuilder out = new StringBuilder("ok ");
        try {
            int end = HeadBuffer.findEnd(in.slice(0, split), 0);
            if (end <= 0) {
                end = HeadBuffer.findEnd(in, end);
            }
            if (end <= 0) {
                return "incomplete";
            }
            Http1RequestHead head = new Http1RequestHead();
            head.parse(in, end);
            ByteBuf written = Unpooled.buffer();
            head.writeTo(written, AddedFields.NONE, Optional.empty());
            assertThat(written.readableBytes()).isLessThanOrEqualTo(head.size());
            out.append(written.toString(StandardCharsets.ISO_8859_1));
            BodyFramer body = new BodyFramer();
            body.begin(head.framing(), head.contentLength(), false);
            BodyFramer.Sink sink =
                    slice -> {
                        out.append(slice.toString(StandardCharsets.ISO_8859_1));
                        slice.release();
                    };
            if (split > end) {
                ByteBuf first = in.readSlice(split - end);
                body.consume(first, sink);
                if (first.isReadable()) {
                    return out.append(body.done()).toString();
                }
            }
            body.consume(in, sink);
            return out.append(body.done()).toString();
        } catch (HttpRefused e) {
            return "refused";
        }
    }
}
