package dev.countersign.server;

import dev.countersign.runtime.Health;
import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.authority.upstream.UpstreamIntermediates;
import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.authority.upstream.vault.VaultPki;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.TrustRefused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The authority above this server, and its first answer: a server without an intermediate is none. */
final class UpstreamStart {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamStart.class);
    private static final int MAX_BYTES = 64 * 1024;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private UpstreamStart() {}

    /**
     * Opens it and waits for the first intermediate, for as long as upstream is only away; health
     * says so.
     *
     * @throws UpstreamRefused when waiting would not help
     */
    static UpstreamIntermediates open(
            AuthorityConfig.Upstream config,
            AuthoritySettings settings,
            Health health,
            InstantSource clock,
            SecureRandom random)
            throws IOException, TrustRefused, UpstreamRefused, InterruptedException {
        X509Certificate root = root(config.rootFile(), settings);
        UpstreamIntermediates upstream =
                new UpstreamIntermediates(
                        new VaultPki(config.vault(), List.of(root)),
                        root,
                        settings.trustDomain(),
                        settings.intermediateLife(),
                        clock,
                        random);
        while (!isThere(upstream, health)) {
            Thread.sleep(PAUSE);
        }
        health.up("upstream");
        return upstream;
    }

    private static boolean isThere(UpstreamIntermediates upstream, Health health)
            throws UpstreamRefused {
        try {
            upstream.fetch();
            return true;
        } catch (UpstreamRefused refused) {
            boolean away =
                    switch (refused.reason()) {
                        case UPSTREAM_UNREACHABLE, UPSTREAM_TOO_SLOW, UPSTREAM_UNAVAILABLE -> true;
                        case UPSTREAM_TOKEN,
                                UPSTREAM_FORBIDDEN,
                                UPSTREAM_NOT_FOUND,
                                UPSTREAM_REFUSED,
                                UPSTREAM_MALFORMED ->
                                false;
                    };
            if (!away) {
                throw refused;
            }
            health.down("upstream", refused.reason() + ": " + refused.getMessage());
            LOG.atWarn()
                    .addKeyValue("reason", refused.reason())
                    .addKeyValue("message", refused.getMessage())
                    .log("cannot start without an intermediate from upstream, trying again");
            return false;
        }
    }

    private static X509Certificate root(Path file, AuthoritySettings settings)
            throws IOException, TrustRefused {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] pem = in.readNBytes(MAX_BYTES);
            X509Certificate read =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(pem));
            return RootCertificates.parse(read.getEncoded(), settings.trustDomain());
        } catch (CertificateException unreadable) {
            if (unreadable instanceof TrustRefused refused) {
                throw refused;
            }
            throw new IOException(
                    "authority.upstream.vault.rootFile: "
                            + file
                            + ": "
                            + unreadable.getMessage()
                            + " (expected: a root, PEM)",
                    unreadable);
        }
    }
}
