package dev.countersign.server.attestation.serviceaccount;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS towards an issuer: whom to trust for its name. */
final class IssuerTls {
    private IssuerTls() {}

    /**
     * @param roots PEM certificates, the only ones trusted; empty for those of the JDK
     * @throws IOException when the file cannot be read or holds no certificate
     */
    static SSLSocketFactory trusting(Optional<Path> roots) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(roots.isPresent() ? anchors(roots.get()) : null);
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "jwks roots: " + roots.map(Path::toString).orElse("JDK") + ": unusable", e);
        }
    }

    private static KeyStore anchors(Path file) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        try (InputStream pem = Files.newInputStream(file)) {
            Collection<? extends Certificate> roots =
                    CertificateFactory.getInstance("X.509").generateCertificates(pem);
            int count = 0;
            for (Certificate root : roots) {
                anchors.setCertificateEntry("root-" + count++, root);
            }
            if (count == 0) {
                throw new IOException(
                        "jwks roots: " + file + ": no certificate (expected: at least one)");
            }
        }
        return anchors;
    }
}
