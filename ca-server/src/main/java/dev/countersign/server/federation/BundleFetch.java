package dev.countersign.server.federation;

import dev.countersign.server.federation.FederationPeer.Profile;
import dev.countersign.server.federation.FederationRefused.Reason;
import dev.countersign.trust.ExpectedPeer;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** One look at a bundle endpoint: GET, no redirects, bounded in size and time. */
final class BundleFetch {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration WHOLE = Duration.ofSeconds(10);

    private final InstantSource clock;

    BundleFetch(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * The document there is now.
     *
     * @param believed of that domain, for an endpoint that shows an SVID
     */
    byte[] get(FederationPeer peer, TrustBundles believed) throws FederationRefused {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .sslContext(tls(peer, believed))
                        .build()) {
            return get(client, peer);
        } catch (GeneralSecurityException | IOException unusable) {
            throw new FederationRefused(
                    Reason.FEDERATION_NOT_BELIEVED,
                    peer.url() + ": " + unusable.getMessage() + " (expected: roots to verify by)",
                    unusable);
        }
    }

    private static byte[] get(HttpClient client, FederationPeer peer) throws FederationRefused {
        HttpRequest request =
                HttpRequest.newBuilder(peer.url())
                        .timeout(WHOLE)
                        .header("accept", "application/json")
                        .GET()
                        .build();
        var answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
                        .thenApply(BundleFetch::body);
        try {
            return answer.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            client.shutdownNow();
            throw unreachable(peer, "no whole answer within " + WHOLE, slow);
        } catch (InterruptedException stopped) {
            client.shutdownNow();
            Thread.currentThread().interrupt();
            throw unreachable(peer, "interrupted", stopped);
        } catch (ExecutionException failed) {
            throw refusal(peer, failed);
        }
    }

    private static byte[] body(HttpResponse<InputStream> answer) {
        try (InputStream in = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode() + " (expected: 200)");
            }
            return in.readNBytes(BundleDocument.MAX_BYTES + 1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static FederationRefused refusal(FederationPeer peer, ExecutionException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof TrustRefused refused) {
                return new FederationRefused(
                        Reason.FEDERATION_NOT_BELIEVED,
                        peer.url() + ": " + refused.getMessage(),
                        refused);
            }
        }
        Throwable inner = failed.getCause();
        Throwable why = inner == null ? failed : inner;
        return unreachable(peer, String.valueOf(why.getMessage()), why);
    }

    private static FederationRefused unreachable(FederationPeer peer, String why, Throwable cause) {
        return new FederationRefused(
                Reason.FEDERATION_UNREACHABLE,
                peer.url() + ": " + why + " (expected: a bundle endpoint)",
                cause);
    }

    private SSLContext tls(FederationPeer peer, TrustBundles believed)
            throws GeneralSecurityException, IOException {
        TrustManager[] trust =
                switch (peer.profile()) {
                    case Profile.HttpsWeb web -> web(web.caFile());
                    case Profile.HttpsSpiffe spiffe ->
                            new TrustManager[] {
                                new ExpectedPeer(
                                        new SvidVerifier(believed, clock), spiffe.endpointId())
                            };
                };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust, null);
        return context;
    }

    private static TrustManager[] web(Optional<Path> caFile)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (caFile.isEmpty()) {
            trust.init((KeyStore) null);
            return trust.getTrustManagers();
        }
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        try (InputStream pem = Files.newInputStream(caFile.get())) {
            int count = 0;
            for (Certificate root :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                anchors.setCertificateEntry("root-" + count++, root);
            }
        }
        trust.init(anchors);
        return trust.getTrustManagers();
    }
}
