package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds and verifies the path from one leaf to a root of one bundle (RFC 5280, section 6). The chain
 * is taken in the order in which it was sent; the path ends at the first certificate that a root of
 * the bundle has signed, so a root or a cross-signed root behind it is neither needed nor looked at.
 */
final class PathBuilder {
    private final TrustBundle bundle;
    private final IssuerCache.Generation cache;
    private final Validity validity;
    private final SvidVerifier.SignatureCheck signatures;
    private final List<X509Certificate> chain;

    PathBuilder(
            TrustBundle bundle,
            IssuerCache.Generation cache,
            Validity validity,
            SvidVerifier.SignatureCheck signatures,
            List<X509Certificate> chain) {
        this.bundle = bundle;
        this.cache = cache;
        this.validity = validity;
        this.signatures = signatures;
        this.chain = chain;
    }

    /**
     * @return who has signed it
     * @throws TrustRefused unless a path to a root of the bundle exists and keeps every rule
     */
    TrustedIssuer verify(CertificateFacts leaf) throws TrustRefused {
        return issuerOf(leaf, 0);
    }

    /** The issuer of the certificate at {@code index}, trusted, and its signature verified. */
    private TrustedIssuer issuerOf(CertificateFacts facts, int index) throws TrustRefused {
        String algorithm = KeyRules.signatureAlgorithm(facts.signatureOid(), whatIs(index));
        Optional<TrustedIssuer> known = knownIssuer(facts, index + 1);
        if (known.isPresent()) {
            return signed(facts, algorithm, known.get());
        }
        Optional<CertificateFacts> next = namedIssuer(facts, index + 1);
        TrustRefused byRoot = null;
        for (CertificateFacts root : cache.rootsOf(bundle)) {
            if (Arrays.equals(root.subject(), facts.issuer())) {
                try {
                    return signed(facts, algorithm, trusted(root));
                } catch (TrustRefused refused) {
                    byRoot = refused;
                }
            }
        }
        if (next.isEmpty()) {
            throw byRoot == null ? untrusted(facts, index) : byRoot;
        }
        return signed(facts, algorithm, trusted(next.get(), index + 1));
    }

    /** The issuer next in the chain, if it was verified before and is valid still: not read again. */
    private Optional<TrustedIssuer> knownIssuer(CertificateFacts facts, int index)
            throws TrustRefused {
        if (index >= chain.size()) {
            return Optional.empty();
        }
        byte[] encoded = CertificateFacts.encoded(chain.get(index), "issuer");
        return cache.find(IssuerCache.Key.of(trustDomain(), encoded))
                .filter(issuer -> Arrays.equals(issuer.subject(), facts.issuer()))
                .filter(issuer -> issuer.isValidAt(validity.now()));
    }

    private Optional<CertificateFacts> namedIssuer(CertificateFacts facts, int index)
            throws TrustRefused {
        if (index >= chain.size()) {
            return Optional.empty();
        }
        CertificateFacts next = CertificateFacts.read(chain.get(index), "issuer");
        return Arrays.equals(next.subject(), facts.issuer()) ? Optional.of(next) : Optional.empty();
    }

    private TrustedIssuer trusted(CertificateFacts root) throws TrustRefused {
        validity.check(root, "root");
        IssuerCache.Key key = keyOf(root);
        Optional<TrustedIssuer> known = cache.find(key);
        if (known.isPresent()) {
            return known.get();
        }
        IssuerRules.checkRoot(root, trustDomain());
        TrustedIssuer issuer = TrustedIssuer.root(root);
        cache.remember(key, issuer);
        return issuer;
    }

    private TrustedIssuer trusted(CertificateFacts intermediate, int index) throws TrustRefused {
        TrustedIssuer above = issuerOf(intermediate, index);
        IssuerRules.checkIntermediate(intermediate, trustDomain());
        validity.check(intermediate, "issuer");
        TrustedIssuer issuer = above.issue(intermediate);
        cache.remember(keyOf(intermediate), issuer);
        return issuer;
    }

    private TrustedIssuer signed(CertificateFacts facts, String algorithm, TrustedIssuer issuer)
            throws TrustRefused {
        boolean genuine =
                signatures.verify(algorithm, issuer.key(), facts.signature(), facts.signed());
        if (!genuine) {
            throw new TrustRefused(
                    Refusal.BAD_SIGNATURE,
                    facts.subjectName() + ": signature (expected: by " + issuer.name() + ")");
        }
        issuer.checkNames(facts);
        return issuer;
    }

    private TrustRefused untrusted(CertificateFacts facts, int index) {
        return new TrustRefused(
                Refusal.UNTRUSTED_ISSUER,
                whatIs(index)
                        + ": issued by a name that is neither next in the chain nor a root of "
                        + trustDomain()
                        + " (expected: either), issuer key "
                        + facts.issuerKeyId());
    }

    private IssuerCache.Key keyOf(CertificateFacts facts) {
        return IssuerCache.Key.of(trustDomain(), facts.encoded());
    }

    private TrustDomain trustDomain() {
        return bundle.trustDomain();
    }

    private static String whatIs(int index) {
        return index == 0 ? "leaf" : "issuer";
    }
}
