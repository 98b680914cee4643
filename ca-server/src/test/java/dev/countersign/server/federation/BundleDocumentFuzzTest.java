package dev.countersign.server.federation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.identity.TrustDomain;

/** A document from outside is read or refused, and nothing else. */
final class BundleDocumentFuzzTest {
    private static final TrustDomain PARTNER = new TrustDomain("partner.example");

    @FuzzTest(maxDuration = "30s")
    void anyBytesAreReadOrRefused(byte[] bytes) {
        try {
            BundleDocument.parse(bytes, PARTNER);
        } catch (FederationRefused expected) {
            // that is the answer
        }
    }
}
