package dev.countersign.server;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.federation.FederationPeer;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code federation}: other trust domains whose workloads are believed as their own bundles say.
 *
 * <pre>{@code
 * federation:
 * - trustDomain: partner.example
 *   url: https://bundles.partner.example:8444/
 *   profile: https_spiffe
 *   endpointId: spiffe://partner.example/countersign/ca-server
 *   bundleFile: partner-bundle.json     # believed at first; later what was fetched
 * - trustDomain: other.example
 *   url: https://other.example/bundle.json
 *   profile: https_web
 *   caFile: roots.pem                   # default: the JDK's
 * }</pre>
 */
final class FederationReader {
    /** More would make each agent's share of the feed large. */
    static final int MOST = 64;

    private static final String WEB = "https_web";
    private static final String SPIFFE = "https_spiffe";

    private static final TrustDomain MISSING_DOMAIN = new TrustDomain("missing.invalid");
    private static final SpiffeId MISSING_ID = SpiffeId.parse("spiffe://missing.invalid/x");
    private static final FederationPeer MISSING =
            new FederationPeer(
                    MISSING_DOMAIN,
                    URI.create("https://missing.invalid/"),
                    new FederationPeer.Profile.HttpsWeb(Optional.empty()));

    private final ConfigReader reader;
    private final TrustDomain own;

    FederationReader(ConfigReader reader, TrustDomain own) {
        this.reader = reader;
        this.own = own;
    }

    List<FederationPeer> read() {
        List<FederationPeer> peers = reader.list("federation", this::peer);
        if (peers.size() > MOST) {
            reader.problem("federation", peers.size() + " trust domains", "<= " + MOST);
        }
        Set<TrustDomain> seen = new HashSet<>();
        for (FederationPeer peer : peers) {
            if (!seen.add(peer.trustDomain())) {
                reader.problem(
                        "federation", peer.trustDomain() + " twice", "each trust domain once");
            }
            if (peer.trustDomain().equals(own)) {
                reader.problem(
                        "federation", peer.trustDomain().name(), "other trust domains than ours");
            }
        }
        return peers;
    }

    private FederationPeer peer(ConfigReader entry) {
        TrustDomain domain =
                entry.value(
                                "trustDomain",
                                MISSING_DOMAIN,
                                "a trust domain: a-z 0-9 . - _",
                                TrustDomain::parse)
                        .required();
        String url = entry.string("url").required();
        FederationPeer.Profile profile =
                profile(entry).equals(WEB)
                        ? new FederationPeer.Profile.HttpsWeb(entry.path("caFile").optional())
                        : new FederationPeer.Profile.HttpsSpiffe(
                                entry.value(
                                                "endpointId",
                                                MISSING_ID,
                                                "a SPIFFE ID",
                                                SpiffeId::parse)
                                        .required(),
                                entry.path("bundleFile").required());
        try {
            return new FederationPeer(domain, URI.create(url), profile);
        } catch (IllegalArgumentException wrong) {
            reader.problem("federation.url", url, "https://host/path, no user");
            return MISSING;
        }
    }

    private static String profile(ConfigReader entry) {
        return entry.string("profile")
                .check(text -> text.equals(WEB) || text.equals(SPIFFE), WEB + " | " + SPIFFE)
                .required();
    }
}
