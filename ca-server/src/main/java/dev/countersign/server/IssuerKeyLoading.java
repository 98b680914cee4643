package dev.countersign.server;

import dev.countersign.server.attestation.serviceaccount.FileJwks;
import dev.countersign.server.attestation.serviceaccount.HttpsJwks;
import dev.countersign.server.attestation.serviceaccount.JwksLoader;
import dev.countersign.server.attestation.serviceaccount.JwksSettings;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Where the keys of the tokens' issuer come from. */
final class IssuerKeyLoading {
    private IssuerKeyLoading() {}

    static JwksSource source(ServerConfig.Jwks jwks, InstantSource clock, Executor background) {
        JwksLoader loader =
                switch (jwks) {
                    case ServerConfig.Jwks.File file -> new FileJwks(file.path());
                    case ServerConfig.Jwks.Url url -> https(url);
                };
        JwksSettings settings =
                switch (jwks) {
                    case ServerConfig.Jwks.File file -> JwksSettings.forFile();
                    case ServerConfig.Jwks.Url url -> JwksSettings.forUrl();
                };
        JwksSource source = new JwksSource(loader, settings, clock, background);
        source.load();
        return source;
    }

    private static JwksLoader https(ServerConfig.Jwks.Url url) {
        Set<InetAddress> listed =
                url.allowedAddresses().stream()
                        .map(InetAddress::ofLiteral)
                        .collect(Collectors.toUnmodifiableSet());
        return new HttpsJwks(URI.create(url.address()), listed, sockets(url.caFile()));
    }

    /** The system's roots, or those of one PEM file and no others. */
    private static SSLSocketFactory sockets(Optional<Path> caFile) {
        if (caFile.isEmpty()) {
            return (SSLSocketFactory) SSLSocketFactory.getDefault();
        }
        try (InputStream in = Files.newInputStream(caFile.get())) {
            KeyStore roots = KeyStore.getInstance("PKCS12");
            roots.load(null, null);
            int number = 0;
            for (Certificate root :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                roots.setCertificateEntry("root-" + number++, root);
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(roots);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return tls.getSocketFactory();
        } catch (IOException | GeneralSecurityException unusable) {
            throw new IllegalArgumentException(
                    "attestation.jwks.caFile: " + caFile.get() + " (expected: PEM certificates)",
                    unusable);
        }
    }
}
