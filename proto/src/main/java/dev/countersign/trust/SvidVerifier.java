package dev.countersign.trust;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The X.509-SVID rules (X509-SVID sections 2 to 5, RFC 5280 section 6): the only maker of {@link
 * VerifiedPeer}. The CA runs it on what it has just signed, the agent on every handshake.
 *
 * <p>In this order: size, the leaf's own profile ({@link LeafRules}), the bundle of the trust domain
 * in the leaf's ID and of no other, the leaf's time, then the path ({@link PathBuilder}). Nothing
 * that a stranger sent is computed with before an issuer that we trust has signed it: of the chain,
 * signatures are verified from the root down.
 *
 * <p>What was verified is remembered for as long as no bundle changes: a peer under a known
 * intermediate costs one signature verification, the very chain of a while ago none. Safe for many
 * threads.
 */
public final class SvidVerifier {
    /** Leaf and issuers, a root included. */
    public static final int MAX_CHAIN = 5;

    private final TrustBundles bundles;
    private final InstantSource clock;
    private final SignatureCheck signatures;
    private final IssuerCache cache = new IssuerCache();

    public SvidVerifier(TrustBundles bundles, InstantSource clock) {
        this(bundles, clock, NativeCrypto::verify);
    }

    SvidVerifier(TrustBundles bundles, InstantSource clock, SignatureCheck signatures) {
        this.bundles = bundles;
        this.clock = clock;
        this.signatures = signatures;
    }

    /**
     * Verifies a chain, leaf first, against the bundle of the trust domain in the leaf's own ID.
     *
     * @throws TrustRefused with the first rule that is broken
     */
    public VerifiedPeer verify(List<X509Certificate> chain) throws TrustRefused {
        checkLength(chain);
        // The epoch is read before the bundle: what is remembered under it is never newer than it.
        long epoch = bundles.epoch();
        IssuerCache.Generation known = cache.at(epoch);
        Instant now = clock.instant();
        Optional<VerifiedPeer> again = known.peer(chain, now);
        return again.isPresent() ? again.get() : verify(chain, epoch, known, new Validity(now));
    }

    private VerifiedPeer verify(
            List<X509Certificate> chain,
            long epoch,
            IssuerCache.Generation known,
            Validity validity)
            throws TrustRefused {
        CertificateFacts leaf = CertificateFacts.read(chain.getFirst(), "leaf");
        SpiffeId id = LeafRules.check(leaf);
        TrustBundle bundle = bundleOf(id.trustDomain());
        validity.check(leaf, "leaf");
        TrustedIssuer issuer =
                new PathBuilder(bundle, known, validity, signatures, chain).verify(leaf);
        VerifiedPeer peer =
                new VerifiedPeer(
                        id,
                        leaf.serial(),
                        leaf.issuerKeyId(),
                        issuer.rootKeyId(),
                        leaf.notAfter(),
                        epoch);
        KnownPeer.of(chain, leaf, issuer, peer).ifPresent(known::remember);
        return peer;
    }

    /** Of the bundles now; see {@link VerifiedPeer#bundleEpoch}. */
    public long epoch() {
        return bundles.epoch();
    }

    /**
     * The same bundles, asked about another moment: whether a certificate that has expired since is
     * still believed otherwise.
     */
    public SvidVerifier at(Instant moment) {
        return new SvidVerifier(bundles, () -> moment, signatures);
    }

    /** The same, and the peer must be exactly {@code expected}. */
    public VerifiedPeer verify(List<X509Certificate> chain, SpiffeId expected) throws TrustRefused {
        VerifiedPeer peer = verify(chain);
        if (!peer.id().equals(expected)) {
            throw new TrustRefused(
                    Refusal.UNEXPECTED_PEER,
                    "peer: " + peer.id() + " (expected: " + expected + ")");
        }
        return peer;
    }

    private static void checkLength(List<X509Certificate> chain) throws TrustRefused {
        if (chain.isEmpty()) {
            throw new TrustRefused(Refusal.CHAIN_EMPTY, "chain: empty (expected: a leaf)");
        }
        if (chain.size() > MAX_CHAIN) {
            throw new TrustRefused(
                    Refusal.CHAIN_TOO_LONG,
                    "chain: " + chain.size() + " certificates (expected: <= " + MAX_CHAIN + ")");
        }
    }

    private TrustBundle bundleOf(TrustDomain trustDomain) throws TrustRefused {
        return bundles.bundle(trustDomain)
                .orElseThrow(() ->
                        new TrustRefused(
                                Refusal.UNKNOWN_TRUST_DOMAIN,
                                "leaf: trust domain "
                                        + trustDomain
                                        + " (expected: one with a bundle)"));
    }

    /** {@link NativeCrypto#verify}, or a test that counts. */
    @FunctionalInterface
    interface SignatureCheck {
        boolean verify(String algorithm, PublicKey key, byte[] signature, byte[]... parts);
    }
}
