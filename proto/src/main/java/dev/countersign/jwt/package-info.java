/**
 * Tokens of end users (RFC 7519), checked against the rules of a {@code RequestAuthentication}.
 *
 * <p>Starting points: {@link dev.countersign.jwt.TokenFinder} looks where the rules say a token may
 * be; {@link dev.countersign.jwt.TokenValidator#validate} takes what it found and answers with a
 * {@link dev.countersign.jwt.TokenResult}: {@code Missing}, {@code Valid} with the claims for {@code
 * Request.Builder.jwtClaims}, {@code Invalid} with a reason (401), or {@code KeysUnavailable} (the
 * keys that would be needed are not here: refused, and said so). {@link dev.countersign.jwt.Jwks} is
 * a checked set of keys; {@link dev.countersign.jwt.HeldKeys} those that an agent was sent.
 *
 * <p>How an enforcer uses it, once for each revision of its policies or keys:
 *
 * <pre>{@code
 * List<JwtRule> rules = requestAuthentications.rulesFor(workload);
 * HeldKeys keys = new HeldKeys(sent, subscription::askForKeys, clock);
 * TokenValidator validator = new TokenValidator(rules, keys, clock);   // a cache comes with it
 * TokenResult result = validator.validate(new TokenFinder(rules).find(lookup));
 * }</pre>
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The algorithm comes from {@link dev.countersign.jwt.JwtAlgorithm}: asymmetric ones only. It
 *       must fit the key, and a key is never taken from a token.
 *   <li>Everything cheap is refused before a signature is checked or a key is asked for.
 *   <li>A key that is unknown makes the server look again at most once in a floor, whoever asks.
 *   <li>{@code crit}, repeated names, more than one token, and tokens without an end are refused.
 *   <li>No message repeats a token or a key; what it repeats of claims is cut and printable.
 *   <li>No input or output happens here: the server fetches keys and distributes them.
 * </ul>
 *
 * <p>Signatures are checked by Nimbus's verifiers over the native provider; its classes are loaded
 * with the first rule.
 */
@NullMarked
package dev.countersign.jwt;

import org.jspecify.annotations.NullMarked;
