package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever is read is printed, and read again, as the same; nothing but MalformedIdentity is thrown. */
final class SpiffeIdFuzzTest {
    @FuzzTest(maxDuration = "30s")
    void parse(byte[] data) {
        SpiffeId id;
        try {
            id = SpiffeId.parse(new String(data, StandardCharsets.ISO_8859_1));
        } catch (MalformedIdentity refused) {
            return;
        }
        assertThat(SpiffeId.parse(id.toString())).isEqualTo(id);
        assertThat(id.toString().length()).isLessThanOrEqualTo(SpiffeId.MAX_LENGTH);
        id.serviceAccount()
                .ifPresent(account ->
                        assertThat(SpiffeId.of(id.trustDomain(), account)).isEqualTo(id));
    }
}
