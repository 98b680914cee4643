/**
 * Certificate requests in, certificates out: the only package that imports Bouncy Castle.
 *
 * <p>Start with {@link dev.countersign.server.x509.CsrParser}, which turns hostile bytes into a
 * public key or a {@link dev.countersign.server.x509.CsrRefused}, and {@link
 * dev.countersign.server.x509.CertificateAssembler}, which turns a {@link
 * dev.countersign.server.x509.CertificatePlan} into the bytes to be signed.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Nothing of a request reaches a certificate but the public key, and that only after proof of
 *       possession over exactly the bytes received.
 *   <li>Every byte from outside passes a strict DER check of our own before Bouncy Castle sees it:
 *       Bouncy Castle takes BER and odd encodings.
 *   <li>What every request and every leaf has is read by a cursor over the bytes that passed the
 *       check; names, attributes and rare kinds of keys are Bouncy Castle's, and only if it would
 *       write the same bytes again. Arithmetic is the native provider's.
 *   <li>Leaves are written by hand-laid DER from a template per issuer and read back for the linter by
 *       code that shares nothing with the template; the tests hold each against Bouncy Castle, so that
 *       writer and reader share no mistake.
 * </ul>
 */
@NullMarked
package dev.countersign.server.x509;

import org.jspecify.annotations.NullMarked;
