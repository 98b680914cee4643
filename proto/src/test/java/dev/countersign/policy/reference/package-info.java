/**
 * The evaluator that the engine is compared with: every rule of every policy tried in order, every
 * text by a regular expression, every address by its bits.
 *
 * <p>Slow and plain on purpose, and made without what the engine is made of: of the production code
 * it takes the model (what was written, what is asked, what was decided) and the reading of keys and
 * of addresses.
 *
 * <p>Starting point: {@link dev.countersign.policy.reference.ReferencePolicies}.
 */
@NullMarked
package dev.countersign.policy.reference;

import org.jspecify.annotations.NullMarked;
