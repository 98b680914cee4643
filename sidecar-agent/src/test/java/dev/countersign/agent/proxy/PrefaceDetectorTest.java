package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The two that look at first bytes: each answer stays what it is when more comes. */
final class PrefaceDetectorTest {
    @ParameterizedTest
    @CsvSource({
        "P, UNDECIDED, UNDECIDED",
        "PRI * HTTP/2.0, UNDECIDED, HTTP",
        "PRI * HTTP/1.1, HTTP_1, HTTP",
        "PRINT / HTTP/1.1, HTTP_1, HTTP",
        "POST / HTTP/1.1, HTTP_1, HTTP",
        "PRI x, HTTP_1, UNDECIDED",
        "SSH-2.0, HTTP_1, OPAQUE"
    })
    void aPrefaceIsToldFromARequest(
            String bytes, PrefaceDetector.Verdict version, ProtocolDetector.Verdict protocol) {
        assertThat(PrefaceDetector.look(buffer(bytes))).isEqualTo(version);
        assertThat(ProtocolDetector.look(buffer(bytes))).isEqualTo(protocol);
    }

    @FuzzTest(maxDuration = "10s")
    void noVerdictIsTakenBack(byte[] data) {
        PrefaceDetector.Verdict version = PrefaceDetector.Verdict.UNDECIDED;
        ProtocolDetector.Verdict protocol = ProtocolDetector.Verdict.UNDECIDED;
        for (int length = 0; length <= Math.min(data.length, 256); length++) {
            PrefaceDetector.Verdict nextVersion =
                    PrefaceDetector.look(Unpooled.wrappedBuffer(data, 0, length));
            ProtocolDetector.Verdict nextProtocol =
                    ProtocolDetector.look(Unpooled.wrappedBuffer(data, 0, length));
            if (version != PrefaceDetector.Verdict.UNDECIDED) {
                assertThat(nextVersion).isEqualTo(version);
            }
            if (protocol != ProtocolDetector.Verdict.UNDECIDED) {
                assertThat(nextProtocol).isEqualTo(protocol);
            }
            version = nextVersion;
            protocol = nextProtocol;
        }
    }

    private static io.netty.buffer.ByteBuf buffer(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
    }
}
