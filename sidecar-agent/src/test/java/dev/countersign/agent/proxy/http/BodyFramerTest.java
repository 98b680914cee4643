package dev.countersign.agent.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BodyFramerTest {
    private static final String CHUNKED =
            lines(
                    "5",
                    "hello",
                    "1A;name=\"value\"",
                    "abcdefghijklmnopqrstuvwxyz",
                    "0",
                    "X-Sum: 1",
                    "x-countersign-peer: spiffe://evil/x",
                    "Content-Length: 3",
                    "");
    private static final String FORWARDED =
            lines("5", "hello", "1A", "abcdefghijklmnopqrstuvwxyz", "0", "X-Sum: 1", "");

    @Test
    void aLengthEndsExactlyAndLeavesTheRest() throws HttpRefused {
        ByteBuf in = bytes("helloGET ");
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.LENGTH, 5, false);

        String body = consume(framer, in);

        assertThat(body).isEqualTo("hello");
        assertThat(framer.done()).isTrue();
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("GET ");
    }

    @ParameterizedTest
    @MethodSource("splits")
    void chunksAreTheSameHoweverTheyAreSplit(int split) throws HttpRefused {
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.CHUNKED, -1, false);

        String body =
                consume(framer, bytes(CHUNKED.substring(0, split)))
                        + consume(framer, bytes(CHUNKED.substring(split)));

        assertThat(framer.done()).isTrue();
        assertThat(body).isEqualTo(FORWARDED);
    }

    @ParameterizedTest
    @MethodSource("splits")
    void onlyTheDataIsLeftForAClientThatCannotReadChunks(int split) throws HttpRefused {
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.CHUNKED, -1, true);

        String body =
                consume(framer, bytes(CHUNKED.substring(0, split)))
                        + consume(framer, bytes(CHUNKED.substring(split)));

        assertThat(framer.done()).isTrue();
        assertThat(body).isEqualTo("helloabcdefghijklmnopqrstuvwxyz");
    }

    @Test
    void whatFollowsTheLastChunkIsLeftAlone() throws HttpRefused {
        ByteBuf in = bytes("0\r\n\r\nGET /");
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.CHUNKED, -1, false);

        consume(framer, in);

        assertThat(framer.done()).isTrue();
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("GET /");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                " 5\r\nhello",
                "0x5\r\nhello",
                "-5\r\nhello",
                "+5\r\nhello",
                "5 \r\nhello\r\n",
                "5\nhello\r\n",
                "5\rhello\r\n",
                "5\r\r\nhello\r\n",
                "5\r\nhello0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5\r\nhello\r0\r\n\r\n",
                "00000000000000005\r\nhello\r\n",
                "ffffffffffffffff\r\nhello\r\n",
                "5;a\nb\r\nhello\r\n",
                "5;a\0\r\nhello\r\n",
                "5;a\rb\r\nhello\r\n",
                "0\r\nX: 1\n\r\n",
                "0\r\nX : 1\r\n\r\n",
                "0\r\n folded\r\n\r\n",
                "0\r\nno-colon\r\n\r\n"
            })
    void badChunksAreRefused(String chunks) {
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.CHUNKED, -1, false);

        assertThatThrownBy(() -> consume(framer, bytes(chunks))).isInstanceOf(HttpRefused.class);
    }

    @Test
    void endlessExtensionsAreRefused() {
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.CHUNKED, -1, false);

        assertThatThrownBy(() -> consume(framer, bytes("1;" + "a".repeat(300))))
                .isInstanceOf(HttpRefused.class);
    }

    @Test
    void endlessTrailersAreRefused() {
        BodyFramer framer = new BodyFramer();
        framer.begin(BodyFraming.CHUNKED, -1, false);

        assertThatThrownBy(() -> consume(framer, bytes("0\r\n" + "X: 1\r\n".repeat(2000))))
                .isInstanceOf(HttpRefused.class);
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    private static Stream<Integer> splits() {
        return IntStream.rangeClosed(0, CHUNKED.length()).boxed();
    }

    private static String consume(BodyFramer framer, ByteBuf in) throws HttpRefused {
        StringBuilder out = new StringBuilder();
        framer.consume(
                in,
                slice -> {
                    out.append(slice.toString(StandardCharsets.US_ASCII));
                    slice.release();
                });
        return out.toString();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }
}
