package dev.countersign.agent.ca;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Trust in certificates for host names under given roots, for services that have no identity here. */
final class NamedTrust {
    private NamedTrust() {}

    /**
     * Checks the name as well, where the connection asks for it.
     *
     * @throws IllegalArgumentException when the text holds no certificate
     */
    static TrustManager of(String roots) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int count = 0;
            for (Certificate root :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            roots.getBytes(StandardCharsets.US_ASCII)))) {
                anchors.setCertificateEntry("root-" + count++, root);
            }
            if (count == 0) {
                throw new IllegalArgumentException(
                        "roots: no certificate (expected: PEM, at least one)");
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            return trust.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("roots: unusable (expected: PEM)", e);
        }
    }
}
