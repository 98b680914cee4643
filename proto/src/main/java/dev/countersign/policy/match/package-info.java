/**
 * The string, path and address tests that policies are compiled to.
 *
 * <p>Starting points: {@link dev.countersign.policy.match.StringMatcher} for the forms a value can
 * take, {@link dev.countersign.policy.match.StringMatchers} for what a written value turns into, and
 * {@link dev.countersign.policy.match.IpBlock} for addresses.
 *
 * <p>Invariants: every test is compiled once and then runs in time linear in its input, without
 * regular expressions, without backtracking and without allocating. Nothing here knows what a
 * policy or a request is.
 */
@NullMarked
package dev.countersign.policy.match;

import org.jspecify.annotations.NullMarked;
