/**
 * How much anyone may ask for: caps before it is known who asks, budgets after, and what is shed
 * when all of them together ask for too much.
 *
 * <p>In the order in which a call meets them:
 *
 * <ol>
 *   <li>{@link dev.countersign.server.limits.CallerCaps}: handshakes, token checks and open
 *       connections, per source address and over all. Nothing that a stranger sends is charged to
 *       anyone else.
 *   <li>{@link dev.countersign.server.limits.AdmissionControl}: a bounded number of calls in flight,
 *       with room kept for those that need it most.
 *   <li>{@link dev.countersign.server.limits.IssuanceBudgets}: per identity and per namespace,
 *       charged only after attestation, or anyone could use up a victim's.
 *   <li>{@link dev.countersign.server.limits.TokenKeys}: different keys that came with one token.
 *   <li>{@link dev.countersign.server.limits.RefusalCounter}: refusals of strangers, one log entry
 *       per reason and minute.
 * </ol>
 *
 * <p>Invariants: every map is bounded, and what happens at the bound is written beside it; nothing
 * waits; durations are measured on a clock handed in as nanoseconds ({@code System::nanoTime}), so
 * that a wall clock set back cannot open or shut a limit; a grant allocates nothing.
 */
@NullMarked
package dev.countersign.server.limits;

import org.jspecify.annotations.NullMarked;
