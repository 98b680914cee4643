package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import java.nio.charset.StandardCharsets;

/** Hostile payloads and files end in a typed refusal; what is read survives the round trip. */
final class BundleFuzzTest {
    @FuzzTest(maxDuration = "30s")
    void decodeBundle(byte[] data) {
        try {
            TrustBundle bundle = BundleCodec.decode(data);
            assertThat(BundleCodec.decode(BundleCodec.encode(bundle))).isEqualTo(bundle);
        } catch (TrustRefused refused) {
            assertThat(refused.getMessage()).startsWith(refused.refusal().name());
        }
    }

    @FuzzTest(maxDuration = "30s")
    void parseBootstrapFile(byte[] data) {
        try {
            var bootstrap = BootstrapFile.parse(new String(data, StandardCharsets.UTF_8));
            assertThat(BootstrapFile.parse(BootstrapFile.render(bootstrap))).isEqualTo(bootstrap);
        } catch (TrustRefused refused) {
            assertThat(refused.getMessage()).startsWith(refused.refusal().name());
        }
    }
}
