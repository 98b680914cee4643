/**
 * Holds the workload's identity and renews it; readers always see the last good one.
 *
 * <p>Start with {@link dev.countersign.agent.svid.SvidSource}, what the rest of the agent sees, then
 * {@link dev.countersign.agent.svid.SvidRotator}, the one thread that changes it. {@link
 * dev.countersign.agent.svid.RenewalSchedule} says when, {@code SvidRequest} how: a new P-256 key per
 * certificate, a request that proves possession and says nothing else, and an answer that is used
 * only after the verifier that peers run has accepted it.
 *
 * <p>Invariants: the key leaves this package only inside {@link
 * dev.countersign.agent.svid.HeldSvid}; a failed renewal changes nothing for readers; a reader never
 * gets an expired certificate; a renewal never changes the identity.
 */
@NullMarked
package dev.countersign.agent.svid;

import org.jspecify.annotations.NullMarked;
