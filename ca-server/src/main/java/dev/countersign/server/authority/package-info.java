/**
 * Roots, intermediates and the trust bundle: who signs, and whom verifiers believe.
 *
 * <p>Start with {@link dev.countersign.server.authority.AuthorityRing}, which is {@link
 * dev.countersign.server.authority.Signer} and {@link
 * dev.countersign.server.authority.BundlePublisher} in one; then {@code FirstStart} and {@code
 * StateLoader}, the two ways it begins.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A root is made only when the journal is empty, and not at all where roots are imported: those
 *       come by {@link dev.countersign.server.authority.RootImport}, with an online issuer between
 *       the root and this process. A journal without its key, or with another
 *       key, is refused at start, never repaired.
 *   <li>Every change is in the audit trail before it takes effect, and is one compare-and-set on
 *       the epoch: of two replicas that start at once, the slower takes over the faster's root.
 *   <li>Epochs never go back. Issuing a bundle anew before it expires is a new epoch.
 *   <li>An intermediate signs only within its validity and the root's; one that the clock has left
 *       is replaced at once, whichever way the clock jumped.
 *   <li>Intermediates live in memory only, one lineage per process; the one before stays usable for
 *       plans that are under way.
 * </ul>
 */
@NullMarked
package dev.countersign.server.authority;

import org.jspecify.annotations.NullMarked;
