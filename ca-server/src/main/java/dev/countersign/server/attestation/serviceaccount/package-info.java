/**
 * Kubernetes-shaped projected service-account tokens, checked against a configured issuer and its
 * JWKS: no API server is asked.
 *
 * <p>Read {@link dev.countersign.server.attestation.serviceaccount.ServiceAccountTokenAttestor}
 * first: its steps are the whole subject. {@code TokenParser} turns text into a {@code ParsedToken}
 * (sizes, base64url, JSON, duplicates), {@code TokenClaims} gives the claims their types, {@code
 * TokenRules} compares them with the settings and the clock, {@link
 * dev.countersign.server.attestation.serviceaccount.JwksSource} finds the key, {@code IssuerKey}
 * checks the signature.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The algorithm comes from an allow-list of asymmetric ones and must fit the type of the key;
 *       both are settled before any key is touched. Keys are never taken from a token's header.
 *   <li>Everything cheap is refused before a key is looked up, so that a token which could never
 *       pass cannot make the server ask the issuer for keys.
 *   <li>An unknown key id costs at most one fetch per floor, whoever asks and however often.
 *   <li>No refusal repeats the token; what it repeats of the claims is cut and made printable.
 * </ul>
 *
 * <p>Verified tokens are not cached: with the native provider a whole check of an RS256 token takes
 * some 23 µs of CPU, 16 of them arithmetic, and a cache would be one more thing to empty when an
 * issuer withdraws a key.
 *
 * <p>Tokens that the API server stretches to a year for old clients carry {@code warnafter}; they
 * are refused by their life ({@code TOKEN_LIVES_TOO_LONG}), so the claim itself is not read.
 */
@NullMarked
package dev.countersign.server.attestation.serviceaccount;

import org.jspecify.annotations.NullMarked;
