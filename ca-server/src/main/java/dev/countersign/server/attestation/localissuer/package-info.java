/**
 * A token issuer for development: it mints tokens of exactly the shape that Kubernetes projects into
 * pods, where there is no Kubernetes.
 *
 * <p>Read {@link dev.countersign.server.attestation.localissuer.LocalIssuer} first. Its key lives in
 * a file of its own, mode 0600, which only the {@code countersign token} command reads; the server
 * is given the JWKS beside it and checks these tokens as it checks any others. Whoever can read the
 * key file can be any workload: never use one where a real issuer is at hand.
 */
@NullMarked
package dev.countersign.server.attestation.localissuer;

import org.jspecify.annotations.NullMarked;
