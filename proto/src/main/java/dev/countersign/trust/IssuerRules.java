package dev.countersign.trust;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a signing certificate must be (X509-SVID, sections 2 to 4; RFC 5280, section 6.1.4). */
final class IssuerRules {
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final String SPIFFE_SCHEME = "spiffe:";

    private static final Set<String> PROCESSED =
            Set.of(
                    CertificateFacts.KEY_USAGE,
                    CertificateFacts.SUBJECT_ALTERNATIVE_NAME,
                    CertificateFacts.BASIC_CONSTRAINTS,
                    CertificateFacts.EXTENDED_KEY_USAGE,
                    CertificateFacts.NAME_CONSTRAINTS);

    private IssuerRules() {}

    /** Rules for an intermediate that arrived with the leaf. */
    static void checkIntermediate(CertificateFacts issuer, TrustDomain trustDomain)
            throws TrustRefused {
        check(issuer, trustDomain, "issuer");
        if (!issuer.isCritical(CertificateFacts.KEY_USAGE)) {
            throw new TrustRefused(
                    Refusal.ISSUER_KEY_USAGE,
                    "issuer: key usage missing or not critical (expected: critical keyCertSign)");
        }
    }

    /** Rules for a root of the bundle. Old roots have no key usage; one that is there must fit. */
    static void checkRoot(CertificateFacts root, TrustDomain trustDomain) throws TrustRefused {
        check(root, trustDomain, "root");
    }

    /** Hosts of the URI names: what name constraints on URIs look at. */
    static List<String> uriHosts(CertificateFacts facts) throws TrustRefused {
        List<String> hosts = new ArrayList<>();
        for (String uri : facts.uris()) {
            hosts.add(isSpiffe(uri) ? parse(uri).trustDomain().name() : uri);
        }
        return hosts;
    }

    private static void check(CertificateFacts issuer, TrustDomain trustDomain, String what)
            throws TrustRefused {
        if (!issuer.isCa()) {
            throw new TrustRefused(Refusal.ISSUER_NOT_CA, what + ": CA:FALSE (expected: CA:TRUE)");
        }
        if (issuer.keyUsage().isPresent() && !issuer.keyUsage().get().keyCertSign()) {
            throw new TrustRefused(
                    Refusal.ISSUER_KEY_USAGE, what + ": no keyCertSign (expected: keyCertSign)");
        }
        checkExtendedKeyUsage(issuer, what);
        LeafRules.checkCriticalExtensions(issuer, what, PROCESSED);
        checkSpiffeId(issuer, trustDomain, what);
        KeyRules.checkKey(issuer.subjectPublicKeyInfo(), what);
    }

    /** Usages of an issuer bound those of its leaves, as Go, OpenSSL and BoringSSL read them. */
    private static void checkExtendedKeyUsage(CertificateFacts issuer, String what)
            throws TrustRefused {
        List<String> usages = issuer.extendedKeyUsage().orElse(List.of(ANY_USAGE));
        boolean both =
                usages.contains(LeafRules.SERVER_AUTH) && usages.contains(LeafRules.CLIENT_AUTH);
        if (!both && !usages.contains(ANY_USAGE)) {
            throw new TrustRefused(
                    Refusal.EXTENDED_KEY_USAGE_INCOMPLETE,
                    what
                            + ": extended key usage "
                            + usages
                            + " (expected: serverAuth and clientAuth, or no such extension)");
        }
    }

    private static void checkSpiffeId(CertificateFacts issuer, TrustDomain trustDomain, String what)
            throws TrustRefused {
        List<String> ids = issuer.uris().stream().filter(IssuerRules::isSpiffe).toList();
        SpiffeId expected = new SpiffeId(trustDomain, "");
        if (ids.size() > 1 || (ids.size() == 1 && !parse(ids.getFirst()).equals(expected))) {
            throw new TrustRefused(
                    Refusal.ISSUER_SPIFFE_ID,
                    what
                            + ": "
                            + ids.size()
                            + " SPIFFE IDs or another one (expected: none, or "
                            + expected
                            + ")");
        }
    }

    private static boolean isSpiffe(String uri) {
        return uri.toLowerCase(Locale.ROOT).startsWith(SPIFFE_SCHEME);
    }

    private static SpiffeId parse(String uri) throws TrustRefused {
        try {
            return SpiffeId.parse(uri);
        } catch (MalformedIdentity malformed) {
            throw new TrustRefused(
                    Refusal.ISSUER_SPIFFE_ID, "issuer: " + malformed.getMessage(), malformed);
        }
    }
}
