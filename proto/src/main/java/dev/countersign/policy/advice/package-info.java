/**
 * What would have to change for a decision to come out the other way.
 *
 * <p>Starting point: {@link dev.countersign.policy.advice.Flips#of} gives the smallest changes of the
 * policies that flip the decision about one request, smallest first. Each was tried: the changed
 * policies were compiled and decided the other way. What cannot be reached by a change of policies
 * (a caller without identity, a provider's no) has no entry.
 *
 * <p>A change is a list of {@link dev.countersign.policy.advice.Edit}s; it never widens more than it
 * must: a value is added to a rule that nearly matches before a rule is added, and no rule is advised
 * that would let in callers without an identity.
 */
@NullMarked
package dev.countersign.policy.advice;

import org.jspecify.annotations.NullMarked;
