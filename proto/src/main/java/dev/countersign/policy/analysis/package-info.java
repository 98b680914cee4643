/**
 * What policies decide about <i>every</i> request, computed and not sampled.
 *
 * <p>Starting points: {@link dev.countersign.policy.analysis.SymbolicPolicies} is a set of policies
 * as sets of requests; {@link dev.countersign.policy.analysis.WorkloadRegions} is what it allows one
 * workload to be asked; {@link dev.countersign.policy.analysis.Witnesses} turns a set of requests
 * into one request of it, checked by {@link dev.countersign.policy.PolicySet} itself before anybody
 * is told.
 *
 * <p><b>The exact fragment.</b> These are decided exactly, for HTTP requests and for TCP
 * connections: the caller's identity as one text, which {@code principals}, {@code namespaces},
 * {@code serviceAccounts} and {@code trustDomains} all talk about; source, remote and destination
 * address; port; server name, method, host, path and each header as texts; exact values, prefixes,
 * suffixes, presence, path templates, the wildcards of namespaces and trust domains; negative
 * matches and absent attributes in both readings; what TCP drops or widens; aliases; the order of
 * actions, the default action, the root namespace, DryRun, and {@code validUntil} at one instant.
 *
 * <p><b>Beyond it.</b> Claims and principals of tokens, notes of filters, CEL expressions and the
 * answers of external authorizers are facts that are free to be true or false; the same words are
 * the same fact. So “no request” is always proven, while “some request” that rests on a fact is
 * printed as <i>possible if</i> that fact, and as <i>unknown</i> where no witness could be made that
 * the engine decides as predicted. A source address is taken to be independent of the remote one and
 * of the identity. A question that falls into too many pieces is unknown as well, never guessed.
 *
 * <p><b>What can occur.</b> Questions are about requests that can reach a sidecar: the caller's
 * identity is absent or a SPIFFE ID with a path; an HTTP request has a method that is a token, a host
 * and a path in the mesh's normal form, all of visible ASCII characters; addresses are known.
 *
 * <p>What comes before the policies is part of it as far as {@link
 * dev.countersign.policy.analysis.PlaintextDoors} is given: ports that take mutual TLS only. Deny
 * lists and RequestAuthentication are not.
 *
 * <p>Questions on top of these sets: {@link dev.countersign.policy.analysis.PolicyDiff}, {@link
 * dev.countersign.policy.analysis.PolicyAnalysis}, {@link
 * dev.countersign.policy.analysis.Reachability}.
 *
 * <p>Meaning is stated here a second time, on sets in place of requests, from the same written
 * policies: a test compares both on random policies and requests. Sidecars only, not {@link
 * dev.countersign.policy.DataPlane#ZTUNNEL}.
 */
@NullMarked
package dev.countersign.policy.analysis;

import org.jspecify.annotations.NullMarked;
