package dev.countersign.trust;

import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.SpiffeId;
import java.util.List;
import java.util.Set;

/** The leaf profile (X509-SVID, sections 2 to 4 and 5.2): rules that need no issuer and no clock. */
final class LeafRules {
    static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private static final Set<String> PROCESSED =
            Set.of(
                    CertificateFacts.KEY_USAGE,
                    CertificateFacts.SUBJECT_ALTERNATIVE_NAME,
                    CertificateFacts.BASIC_CONSTRAINTS,
                    CertificateFacts.EXTENDED_KEY_USAGE);

    private LeafRules() {}

    /** Every rule in turn; returns the one identity in the leaf. */
    static SpiffeId check(CertificateFacts leaf) throws TrustRefused {
        SpiffeId id = identity(leaf);
        if (leaf.isCa()) {
            throw new TrustRefused(Refusal.LEAF_IS_CA, "leaf: CA:TRUE (expected: CA:FALSE)");
        }
        checkKeyUsage(leaf);
        checkExtendedKeyUsage(leaf);
        checkCriticalExtensions(leaf, "leaf", PROCESSED);
        KeyRules.checkKey(leaf.subjectPublicKeyInfo(), "leaf");
        return id;
    }

    /** RFC 5280, section 4.2: a critical extension that is not processed must be refused. */
    static void checkCriticalExtensions(CertificateFacts facts, String what, Set<String> processed)
            throws TrustRefused {
        for (String oid : facts.criticalExtensions()) {
            if (!processed.contains(oid)) {
                throw new TrustRefused(
                        Refusal.UNKNOWN_CRITICAL_EXTENSION,
                        what
                                + ": critical extension "
                                + oid
                                + " (expected: one of "
                                + processed
                                + ")");
            }
        }
    }

    private static SpiffeId identity(CertificateFacts leaf) throws TrustRefused {
        List<String> uris = leaf.uris();
        if (uris.isEmpty()) {
            throw new TrustRefused(
                    Refusal.URI_SAN_MISSING, "leaf: no URI SAN (expected: exactly one)");
        }
        if (uris.size() > 1) {
            throw new TrustRefused(
                    Refusal.URI_SAN_SEVERAL,
                    "leaf: " + uris.size() + " URI SANs (expected: exactly one)");
        }
        SpiffeId id = parse(uris.getFirst());
        if (id.path().isEmpty()) {
            throw new TrustRefused(
                    Refusal.SPIFFE_ID_WITHOUT_PATH, "leaf: " + id + " (expected: a path)");
        }
        boolean critical = leaf.isCritical(CertificateFacts.SUBJECT_ALTERNATIVE_NAME);
        if (leaf.hasEmptySubject() && !critical) {
            throw new TrustRefused(
                    Refusal.SAN_NOT_CRITICAL,
                    "leaf: empty subject, SAN not critical (expected: a critical SAN)");
        }
        return id;
    }

    private static SpiffeId parse(String uri) throws TrustRefused {
        try {
            return SpiffeId.parse(uri);
        } catch (MalformedIdentity malformed) {
            throw new TrustRefused(
                    Refusal.SPIFFE_ID_MALFORMED, "leaf: " + malformed.getMessage(), malformed);
        }
    }

    private static void checkKeyUsage(CertificateFacts leaf) throws TrustRefused {
        CertificateFacts.KeyUsage usage =
                leaf.keyUsage()
                        .orElseThrow(() ->
                                new TrustRefused(
                                        Refusal.KEY_USAGE_MISSING,
                                        "leaf: no key usage (expected: critical"
                                                + " digitalSignature)"));
        if (!leaf.isCritical(CertificateFacts.KEY_USAGE)) {
            throw new TrustRefused(
                    Refusal.KEY_USAGE_NOT_CRITICAL,
                    "leaf: key usage not critical (expected: critical)");
        }
        if (usage.keyCertSign() || usage.crlSign()) {
            throw new TrustRefused(
                    Refusal.KEY_USAGE_SIGNS_CERTIFICATES,
                    "leaf: keyCertSign or cRLSign (expected: neither)");
        }
        if (!usage.digitalSignature()) {
            throw new TrustRefused(
                    Refusal.KEY_USAGE_WITHOUT_DIGITAL_SIGNATURE,
                    "leaf: key usage without digitalSignature (expected: with it)");
        }
    }

    private static void checkExtendedKeyUsage(CertificateFacts leaf) throws TrustRefused {
        List<String> usages = leaf.extendedKeyUsage().orElse(List.of(SERVER_AUTH, CLIENT_AUTH));
        if (!usages.contains(SERVER_AUTH) || !usages.contains(CLIENT_AUTH)) {
            throw new TrustRefused(
                    Refusal.EXTENDED_KEY_USAGE_INCOMPLETE,
                    "leaf: extended key usage "
                            + usages
                            + " (expected: serverAuth and clientAuth, or no such extension)");
        }
    }
}
