package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** Hostile payloads and files end in a typed refusal; what is read survives the round trip. */
final class BundleFuzzTest {
    private static final MutableClock CLOCK = MutableClock.create();
    private static final TestAuthority AUTHORITY = TestAuthority.create("test.example", CLOCK, 1);
    private static final SvidVerifier VERIFIER =
            new SvidVerifier(TrustBundles.fixed(AUTHORITY.bundle()), CLOCK);
    private static final X509Certificate ISSUER = AUTHORITY.intermediate().certificate();

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

    @FuzzTest(maxDuration = "30s")
    void verifyChain(byte[] data) throws CertificateException {
        X509Certificate leaf;
        try {
            leaf =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(data));
        } catch (CertificateException notParsed) {
            return;
        }
        try {
            VerifiedPeer believed = VERIFIER.verify(List.of(leaf, ISSUER));
            throw new AssertionError("nobody asked for " + believed);
        } catch (TrustRefused refused) {
            assertThat(refused.getMessage()).startsWith(refused.refusal().name());
        }
    }
}
