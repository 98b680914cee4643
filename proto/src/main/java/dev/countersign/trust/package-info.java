/**
 * Whom to believe: trust bundles, X.509-SVIDs, and the one verifier that both processes run.
 *
 * <p>Start with {@link dev.countersign.trust.SvidVerifier}: the CA runs it on what it has just
 * signed, the agent on every handshake, so a certificate that agents would refuse never leaves the
 * CA. It reads ({@link dev.countersign.trust.CertificateFacts}), judges the leaf ({@link
 * dev.countersign.trust.LeafRules}) and finds a path ({@link dev.countersign.trust.PathBuilder},
 * {@link dev.countersign.trust.IssuerRules}). What it returns, {@link
 * dev.countersign.trust.VerifiedPeer}, is one of the four proofs: nobody else can make one, and the
 * authorizer asks for it.
 *
 * <p>A {@link dev.countersign.trust.TrustBundle} belongs to one trust domain and is never merged
 * with another's. It arrives as a {@link dev.countersign.trust.SignedTrustBundle} and is believed by
 * signature, freshness and epoch, whatever connection carried it ({@link
 * dev.countersign.trust.BundleKeeper}). The first keys and roots come from a {@link
 * dev.countersign.trust.Bootstrap}.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A certificate is judged by the bundle of the trust domain in its own ID and by no other;
 *       what is remembered is keyed by trust domain too.
 *   <li>Nothing that a stranger sent is computed with before an issuer that is trusted has signed
 *       it.
 *   <li>Time is asked on every use, of every certificate on the path; it is never remembered.
 *   <li>An epoch never goes back, and a refused bundle changes nothing.
 *   <li>Every refusal is a {@link dev.countersign.trust.Refusal} with a message that cannot forge a
 *       log line.
 * </ul>
 *
 * Not here: federation's JWK bundles, certificate revocation lists (leaves are short-lived; denying
 * is the feed's), RSA-PSS signatures and policies in certificates, which are refused when critical.
 */
@NullMarked
package dev.countersign.trust;

import org.jspecify.annotations.NullMarked;
