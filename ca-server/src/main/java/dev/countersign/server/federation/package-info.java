/**
 * Trust in other trust domains: their bundles, fetched from their bundle endpoints (SPIFFE Federation,
 * section 5) and handed to agents keyed by trust domain.
 *
 * <p>Starting points: {@link dev.countersign.server.federation.FederatedTrust} holds what is known and
 * looks again in time; {@link dev.countersign.server.federation.BundleFetch} is one look; {@link
 * dev.countersign.server.federation.BundleDocument} reads what comes.
 *
 * <p>Address, profile and trust domain are configured together and none is inferred from another. The
 * last good bundle stays in force while its endpoint is away, across restarts too; one that counts
 * lower than what is held is refused. An empty bundle is taken at its word: nobody of that domain is
 * believed.
 */
@NullMarked
package dev.countersign.server.federation;

import org.jspecify.annotations.NullMarked;
