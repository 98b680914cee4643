/**
 * Sets of requests: unions of boxes, each the product of one set of values for each dimension.
 *
 * <p>Starting points: {@link dev.countersign.policy.analysis.region.Dimension} for what tells
 * requests apart, {@link dev.countersign.policy.analysis.region.Box} for a product, {@link
 * dev.countersign.policy.analysis.region.Region} for a union of them.
 *
 * <p>A value is a text, a number or a truth; a text or an address may also be absent. Intersection,
 * union and difference are exact, a region is empty exactly if it has no box. What is not a text,
 * an address or a port is a {@link dev.countersign.policy.analysis.region.Fact}: free to be true or
 * false whatever the others are, so that <i>empty</i> is always right, and <i>not empty</i> is right
 * where no fact is involved.
 */
@NullMarked
package dev.countersign.policy.analysis.region;

import org.jspecify.annotations.NullMarked;
