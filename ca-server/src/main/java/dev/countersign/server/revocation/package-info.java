/**
 * Who is refused although signed and unexpired: ordered by operators, kept in the store, told to
 * agents, asked on the Issue path.
 *
 * <p>Start with {@link dev.countersign.server.revocation.Revocations}. An order names an identity, a
 * pod, a certificate or an issuer ({@link dev.countersign.feed.DenyEntry.Target}):
 *
 * <table>
 *   <caption>What an order does</caption>
 *   <tr><th>target</th><th>issuing</th><th>what agents deny</th><th>until</th></tr>
 *   <tr><td>identity</td><td>none to it</td><td>the identity</td><td>taken back, or its time</td></tr>
 *   <tr><td>pod</td><td>neither by token nor by certificate</td><td>its unexpired certificates, one by
 *       one</td><td>taken back, or its time; each entry to the end of its certificate</td></tr>
 *   <tr><td>certificate</td><td>no renewal with it</td><td>it</td><td>its end</td></tr>
 *   <tr><td>issuer</td><td>no renewal under it, nothing new from it</td><td>everything under it</td>
 *       <td>the longest life an issuer has</td></tr>
 * </table>
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The order is in the audit trail before it takes effect.
 *   <li>Issuing for the target is blocked before the target is expanded, and asked once more between
 *       intent and signature: what was under way is either in the expansion or never signed. Another
 *       replica learns of the block within a second; pods are therefore expanded again.
 *   <li>A revocation is one transaction: all of its entries are there, or nothing is.
 *   <li>The list has a bound ({@link dev.countersign.server.revocation.Revocations#MAX_ENTRIES}). What
 *       does not fit is refused with the intermediates that would do instead, never cut.
 *   <li>An entry is kept until the last certificate that it denies has ended.
 * </ul>
 */
@NullMarked
package dev.countersign.server.revocation;

import org.jspecify.annotations.NullMarked;
