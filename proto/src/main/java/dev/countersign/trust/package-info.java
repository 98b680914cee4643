/**
 * Whom to believe: trust bundles, X.509-SVIDs, and the one verifier that both processes run.
 *
 * <p>Start with {@link dev.countersign.trust.SvidVerifier}: the CA runs it on what it has just
 * signed, the agent on every handshake, so a certificate that agents would refuse never leaves the
 * CA. What it returns, {@link dev.countersign.trust.VerifiedPeer}, is one of the four proofs: nobody
 * else can make one, and the authorizer asks for it.
 *
 * <p>A {@link dev.countersign.trust.TrustBundle} belongs to one trust domain and is never merged
 * with another's. It arrives as a {@link dev.countersign.trust.SignedTrustBundle} and is believed by
 * signature, freshness and epoch, whatever connection carried it ({@link
 * dev.countersign.trust.BundleKeeper}).
 */
@NullMarked
package dev.countersign.trust;

import org.jspecify.annotations.NullMarked;
