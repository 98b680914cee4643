/**
 * The append-only log of everything the CA signed or refused.
 *
 * <p>Starting points: {@link dev.countersign.server.audit.AuditTrail} is how the server writes, {@link
 * dev.countersign.server.audit.AuditLog} and {@link dev.countersign.server.audit.IssuanceLedger} are
 * how it is read, {@link dev.countersign.server.audit.AuditVerifier} is how it is doubted. All are
 * ports or pure; the store answers them.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An intent is durable before its signature exists; every other entry is durable when {@code
 *       append} returns.
 *   <li>A body is canonical JSON ({@link dev.countersign.server.audit.EntryBody}), stored as exactly
 *       the bytes that were hashed. What the ledger tells of a certificate is read from there.
 *   <li>Entries belong to a chain ({@link dev.countersign.server.audit.HashChain}): one for each
 *       signing intermediate, so that replicas never wait for each other, and one for each server's
 *       other events. A chain advances once per commit, and its head is stored with its counts.
 *   <li>An intent whose process died before the outcome is reconciled as UNKNOWN: its certificate
 *       may exist.
 * </ol>
 *
 * <p>What the chains show: a changed body, a changed or missing or inserted or reordered entry or
 * batch, a missing chain, a cut tail whose head row was left alone, and a certificates table that
 * says something else than the log. Key bindings are not compared. What they cannot show: the hashes have no key, so somebody who
 * may write to the database can recompute every hash from the first change on, or cut entries and
 * set the head back to match, and this walk will call it intact. Whoever must be safe from that keeps
 * heads elsewhere and compares. A Merkle log with signed tree heads and witnesses takes the place of
 * the chains later, behind the same ports.
 */
@NullMarked
package dev.countersign.server.audit;

import org.jspecify.annotations.NullMarked;
