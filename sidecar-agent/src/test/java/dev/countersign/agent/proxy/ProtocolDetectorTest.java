package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.agent.proxy.ProtocolDetector.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether first bytes are HTTP: decided as early as can be, and never taken back. */
final class ProtocolDetectorTest {
    @Test
    void aRequestLineIsHttpHoweverItIsSplit() {
        String line = "OPTIONS /a?b=c HTTP/1.1\r\n";
        int decided = line.indexOf(".1") + 1;
        for (int length = 0; length < decided; length++) {
            assertThat(look(line.substring(0, length))).isEqualTo(Verdict.UNDECIDED);
        }
        assertThat(look(line.substring(0, decided))).isEqualTo(Verdict.HTTP);
    }

    @Test
    void whatCannotBecomeARequestLineIsOpaqueAtOnce() {
        for (String bytes :
                List.of(
                        "\u0016\u0003\u0001",
                        "SSH-2.0-x\r\n",
                        "get /",
                        "GET  /",
                        "\r\nGET /",
                        "220 x")) {
            assertThat(look(bytes)).as(bytes).isEqualTo(Verdict.OPAQUE);
        }
    }

    @FuzzTest(maxDuration = "20s")
    void aVerdictIsNeverTakenBack(byte[] data) {
        Verdict half = ProtocolDetector.look(Unpooled.wrappedBuffer(data, 0, data.length / 2));
        Verdict whole = ProtocolDetector.look(Unpooled.wrappedBuffer(data));
        if (half != Verdict.UNDECIDED) {
            assertThat(whole).isEqualTo(half);
        }
    }

    private static Verdict look(String text) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        return ProtocolDetector.look(bytes);
    }
}
