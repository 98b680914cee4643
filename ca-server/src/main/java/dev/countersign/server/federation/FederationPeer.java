package dev.countersign.server.federation;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Another trust domain and where its bundle is.
 *
 * @param url https, no user
 * @param profile how its endpoint is believed
 */
public record FederationPeer(TrustDomain trustDomain, URI url, Profile profile) {
    public FederationPeer {
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || url.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "url: " + url + " (expected: https://host/path, no user)");
        }
    }

    /** Endpoint profiles (SPIFFE Federation, section 5.2). */
    public sealed interface Profile {
        /**
         * By a certificate of the web PKI for the host.
         *
         * @param caFile PEM roots instead of the JDK's
         */
        record HttpsWeb(Optional<Path> caFile) implements Profile {}

        /**
         * By an X.509-SVID.
         *
         * @param endpointId exactly this one; mostly of the same trust domain
         * @param bundleFile the SPIFFE bundle document that is believed at first
         */
        record HttpsSpiffe(SpiffeId endpointId, Path bundleFile) implements Profile {}
    }
}
