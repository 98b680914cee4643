/**
 * What the server tells outsiders over HTTPS: its trust bundle as SPIFFE has it, and whom it has
 * revoked.
 *
 * <p>Start with {@link dev.countersign.server.bundleendpoint.BundleEndpoint}. It answers {@code GET}
 * and {@code HEAD} on three paths and asks no client for anything (SPIFFE Federation, section 5.1):
 *
 * <ul>
 *   <li>{@code /} and {@code /bundle.json}: the bundle as a JWK set ({@link
 *       dev.countersign.server.bundleendpoint.SpiffeBundle}; SPIFFE Trust Domain and Bundle, section
 *       4).
 *   <li>{@code /crl}: a certificate revocation list signed by the root ({@link
 *       dev.countersign.server.bundleendpoint.RevocationList}; RFC 5280, section 5).
 * </ul>
 *
 * <p>The certificate that it shows is the server's own SVID ({@code https_spiffe}) or one from a file
 * ({@code https_web}); either is read again for each handshake, so a renewed one needs no restart.
 * Agents do not come here: they are pushed the bundle and the deny list.
 */
@NullMarked
package dev.countersign.server.bundleendpoint;

import org.jspecify.annotations.NullMarked;
