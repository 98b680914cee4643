/**
 * The Issue path: from what a caller offers to a certificate that agents will believe.
 *
 * <p>Read {@link dev.countersign.server.issuance.IssuancePipeline} first: one method a step, in the
 * order that must not change.
 *
 * <ol>
 *   <li>Size limits, per-source and global caps, shedding by priority.
 *   <li>Attest the caller; then limits by identity and namespace, and whether it is revoked.
 *   <li>Parse the request: public key and proof of possession, nothing else is taken from it.
 *   <li>Approve: identity, names and lifetime are derived from the attested account and the profile.
 *   <li>Plan the certificate from the active authority.
 *   <li>Lint the exact to-be-signed bytes.
 *   <li>Persist the intent, durably, before signing; the same commit binds the key to its identity.
 *       Then ask once more whether it is revoked: an order that did not find the intent was before it.
 *   <li>Sign.
 *   <li>Verify the result with the verifier that agents run.
 *   <li>Record the outcome and answer.
 * </ol>
 *
 * <p>Three of the four proofs meet here: {@link dev.countersign.server.attestation.AttestedWorkload}
 * is asked for by {@link dev.countersign.server.issuance.IssuanceRules}, {@link
 * dev.countersign.server.lint.LintedCertificate} by the signer, and the verifier's {@link
 * dev.countersign.trust.VerifiedPeer} by the answer. A failure at any step leaves no half state: the
 * caller gets one {@link dev.countersign.server.issuance.IssuanceRefused} with a stable reason, and
 * the log says what was intended.
 *
 * <p>Countersign's own names do not come by attestation. {@link
 * dev.countersign.server.issuance.OperatorIssuance} puts the role table in its place: an {@link
 * dev.countersign.server.operators.OperatorGrant} is what the rules ask for there. {@link
 * dev.countersign.server.issuance.ReservedNameIssuer} does steps 5 to 10 for operators and for the
 * server's own certificate.
 */
@NullMarked
package dev.countersign.server.issuance;

import org.jspecify.annotations.NullMarked;
