package dev.countersign.server.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any bytes: refused with a reason, or accepted with the key that stands in them. */
final class CsrParserFuzzTest {
    private final CsrParser parser = new CsrParser(KeyKind.ALL);

    @FuzzTest
    void anyBytesAreRefusedOrHoldTheKey(byte[] bytes) {
        try {
            CertificateRequest request = parser.parse(bytes);

            assertThat(contains(bytes, request.subjectPublicKeyInfo())).isTrue();
        } catch (CsrRefused refused) {
            assertThat(refused.getMessage()).contains("(expected: ");
        }
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }
}
