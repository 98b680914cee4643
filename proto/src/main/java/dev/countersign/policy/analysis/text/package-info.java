/**
 * Sets of strings, exactly: regular languages that are closed under intersection, union and
 * complement, with a test for emptiness and a shortest member.
 *
 * <p>Starting points: {@link dev.countersign.policy.analysis.text.Shape} says what a set looks like;
 * {@link dev.countersign.policy.analysis.text.Automata} turns it into a {@link
 * dev.countersign.policy.analysis.text.Language} and keeps what was once computed.
 *
 * <p>Strings are sequences of UTF-16 code units, as Java compares them. Invariants: an automaton is
 * complete, minimal and numbered in the order of a breadth-first walk, so that two automata of one
 * {@code Automata} are the same object exactly if they accept the same strings. Results do not
 * depend on the order in which things were asked.
 */
@NullMarked
package dev.countersign.policy.analysis.text;

import org.jspecify.annotations.NullMarked;
