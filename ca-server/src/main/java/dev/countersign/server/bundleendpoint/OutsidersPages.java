package dev.countersign.server.bundleendpoint;

import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.bundleendpoint.BundleEndpoint.Document;
import dev.countersign.server.distribution.ExternalVerifiers;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.Pem;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;

/**
 * What outsiders read.
 *
 * @param bundles the bundle in force
 * @param refreshHint how often a reader of the bundle should look
 * @param revoked the list
 * @param verifiers those that are known by a token
 */
public record OutsidersPages(
        BundlePublisher bundles,
        Duration refreshHint,
        RevocationList revoked,
        ExternalVerifiers verifiers)
        implements BundleEndpoint.Pages {
    @Override
    public Document bundle() {
        TrustBundle bundle = bundles.bundle();
        return new Document(SpiffeBundle.encode(bundle, refreshHint), bundle.epoch());
    }

    @Override
    public Document roots() {
        TrustBundle bundle = bundles.bundle();
        StringBuilder pem = new StringBuilder();
        bundle.roots().forEach(root -> pem.append(Pem.encode("CERTIFICATE", der(root))));
        return new Document(pem.toString().getBytes(StandardCharsets.US_ASCII), bundle.epoch());
    }

    @Override
    public boolean fetched(String token, long epoch) {
        return verifiers.fetched(token, epoch);
    }

    @Override
    public byte[] revocations() {
        return revoked.current();
    }

    private static byte[] der(X509Certificate root) {
        try {
            return root.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("root: does not encode (expected: DER)", e);
        }
    }
}
