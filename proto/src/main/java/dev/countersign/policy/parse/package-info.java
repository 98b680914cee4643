/**
 * Policies as people write them: strict reading of YAML and JSON, and the rules of admission.
 *
 * <p>Starting points: {@link dev.countersign.policy.parse.PolicyParser#parse} takes the bytes of one
 * file and gives {@link dev.countersign.policy.parse.ParsedPolicies}, or throws {@link
 * dev.countersign.policy.parse.PolicyRefused} with <em>all</em> of its {@link
 * dev.countersign.policy.parse.Problem}s.
 *
 * <p>Three steps, each of which collects what is wrong and goes on where it can:
 *
 * <ol>
 *   <li>{@code TextGuard} and {@code DocumentReader}: bytes to a small tree with line numbers.
 *       Refused here: more than 1 MB, other encodings than UTF-8, control and invisible characters,
 *       anchors and aliases, tags, duplicate keys, deep nesting
 *   <li>{@code PolicyReader}: tree to model. Refused here: unknown fields, wrong types, unknown
 *       kinds and enum values
 *   <li>{@code Admission}: what a well-formed policy may not say
 * </ol>
 *
 * <p>A file is accepted as a whole or not at all. It may hold {@code AuthorizationPolicy}, {@code
 * PeerAuthentication} and {@code RequestAuthentication} of both groups. An {@code expression} is
 * compiled here and kept beside its source, so that whoever enforces it needs no compiler.
 *
 * <p>What is accepted and may not mean what it seems to is a {@link
 * dev.countersign.policy.parse.Notice} with the trap's name: warnings are those that Istio's
 * admission has as well, hints are ours. {@link dev.countersign.policy.parse.Selections} finds
 * policies for nobody, where workloads are known.
 */
@NullMarked
package dev.countersign.policy.parse;

import org.jspecify.annotations.NullMarked;
