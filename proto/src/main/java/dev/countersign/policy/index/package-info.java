/**
 * Finds the rules that a request may match, among many that it cannot.
 *
 * <p>Rules are numbers here, in the order in which they are tried. An index answers one question
 * about one attribute of a request ("which rules could match with this path?") with {@link
 * dev.countersign.policy.index.Postings}: a compressed bit set. Whoever asks intersects the answers of
 * several indexes and tries what is left.
 *
 * <p>Starting points: {@link dev.countersign.policy.index.Postings} for the sets, {@link
 * dev.countersign.policy.index.TextIndex} for exact values and prefixes, {@link
 * dev.countersign.policy.index.SegmentIndex} for namespaces and service accounts inside an identity,
 * {@link dev.countersign.policy.index.PortIndex} and {@link dev.countersign.policy.index.AddressIndex}
 * for what their names say.
 *
 * <p>Invariants: an index never leaves out a rule that could match, and may name rules that cannot:
 * the answer proposes, the rule itself decides. Everything is built once and immutable. Looking up
 * allocates nothing, and takes time linear in the text looked up, whatever number of rules there is.
 * Nothing here knows what a policy or a request is.
 */
@NullMarked
package dev.countersign.policy.index;

import org.jspecify.annotations.NullMarked;
