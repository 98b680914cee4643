/**
 * Steps that one person must not take alone: what a step is, who has approved it, and when that is
 * enough.
 *
 * <p>Starting points: {@link dev.countersign.server.authority.approval.Approvals} is what the taker
 * of a step asks; {@link dev.countersign.server.authority.approval.Step} says exactly what would
 * happen; {@link dev.countersign.server.authority.approval.ApprovalDesk} collects approvals.
 *
 * <p>A step that needs approval is asked for, which gives it a digest. Each operator looks at the
 * step's text, signs the digest together with their name and an end, and hands that in. When enough
 * of them have, whoever asks for the step again gets an {@link
 * dev.countersign.server.authority.approval.ApprovedStep}, once.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The digest covers everything that the step would do, the epoch it starts from, and a random
 *       value, so that an approval is for this step, now, and no other.
 *   <li>Approvals are believed by their signature only, each time they count: who can write to the
 *       database cannot approve.
 *   <li>One operator counts once; an approval ends; a step that was taken is used up, in one
 *       compare-and-set, before it takes effect.
 * </ol>
 */
@NullMarked
package dev.countersign.server.authority.approval;

import org.jspecify.annotations.NullMarked;
