/**
 * The keys of token issuers that {@code RequestAuthentication}s name by address: fetched here, for
 * all agents, because an agent fetches nothing.
 *
 * <p>{@link dev.countersign.server.tokenkeys.FetchedKeys} is the whole subject: it is told which
 * addresses are needed, looks at each now and then and when an agent met an unknown key, and gives
 * what it has as {@link dev.countersign.feed.KeySet}s. How an address is fetched (https only, no
 * redirect, no private address unless listed, size and time limits) is that of attestation's own
 * JWKS.
 *
 * <p>Invariants: a look at an address never comes sooner than the floor after the last, whoever
 * asks; a failure leaves the last good keys and says why; what is passed on holds public signing
 * keys and nothing else of the document.
 */
@NullMarked
package dev.countersign.server.tokenkeys;

import org.jspecify.annotations.NullMarked;
