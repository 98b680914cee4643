/**
 * The agent beside a workload: holds its identity, speaks mTLS for it, enforces policy.
 *
 * <p>Start with {@link dev.countersign.agent.Agent}, the wiring on one page, and {@link
 * dev.countersign.agent.AgentConfig}, what it is told. Then, in the order data flows: {@code ca}, the
 * one way to the CA; {@code svid}, who we are; {@code subscription}, what we must know; {@code
 * authorization}, what we decide; {@code proxy}, what we carry; {@code state}, what outlives the
 * process. {@link dev.countersign.agent.Main} is the command line.
 *
 * <p>Invariants: nothing is carried without an identity, and nothing is let in without a policy
 * source; what the CA says while it is away is what it said last, until certificates expire; no code
 * here decides anything but how the parts are joined.
 */
@NullMarked
package dev.countersign.agent;

import org.jspecify.annotations.NullMarked;
