/**
 * Authorization policies: what they say, and what they decide.
 *
 * <p>Pure functions over immutable values: no input or output, no threads, no clock but the one
 * passed in. The CA, the agent, the command line and the case tables call the same code.
 *
 * <p>Starting points: {@link dev.countersign.policy.AuthorizationPolicy} is what an admin wrote;
 * {@link dev.countersign.policy.PolicySet} is a numbered set of them, compiled; {@link
 * dev.countersign.policy.PolicySet#forWorkload} picks what applies to one workload; {@link
 * dev.countersign.policy.WorkloadPolicies#decide} answers one {@link
 * dev.countersign.policy.Request} with a {@link dev.countersign.policy.Decision}. Parsing and
 * admission live in {@code dev.countersign.policy.parse}.
 *
 * <p>The order of a decision:
 *
 * <ol>
 *   <li>no policy source, or a path that is not in its normal form: deny
 *   <li>a CUSTOM rule matches and its provider does not say yes: deny
 *   <li>a DENY rule matches: deny
 *   <li>no ALLOW policy applies to the workload: the mesh's default action
 *   <li>an ALLOW rule matches: allow
 *   <li>deny
 * </ol>
 *
 * <p>AUDIT marks and never decides. A policy in DryRun takes no part in any step. A fault while
 * deciding is a denial.
 *
 * <p><b>Two readings.</b> A policy of {@code security.istio.io} in a mesh whose compatibility is
 * {@link dev.countersign.policy.Compatibility#ISTIO} is read exactly as Istio documents it. Every
 * other policy is read <i>strictly</i>, where a quirk would let a caller in:
 *
 * <ul>
 *   <li>in an ALLOW rule a negative match ({@code notPrincipals}, {@code notValues}, …) on an
 *       attribute that the request does not have is false
 *   <li>{@code namespaces} and {@code serviceAccounts} mean the mesh's own trust domain and its
 *       aliases
 *   <li>a CUSTOM rule with an HTTP provider denies what it matches on TCP
 *   <li>a claim that is a boolean or a number is compared by its text in rules that do not allow
 *   <li>what cannot be evaluated makes an ALLOW rule never match and a DENY rule match without it
 * </ul>
 *
 * <p><b>The engine.</b> {@code RuleCompiler} turns a rule into clauses that a request is compared
 * with. {@code Cover} says what a request must have for a rule to match at all, and {@code RuleIndex}
 * finds by that, in indexes of {@code dev.countersign.policy.index}, the few rules worth trying; the
 * first of them whose clauses hold decides. {@code Lane} keeps that order through changes, and
 * indexes only what changed. {@code Stage} holds the policies of one action with the decisions that
 * they can make.
 *
 * <p><b>Expressions.</b> A rule's {@code expression} (CEL, see {@code dev.countersign.policy.expression})
 * is one more clause of it. It counts as HTTP on every port. Where it has no value (something it asks
 * for is absent, or of another type) an ALLOW rule does not match and any other does.
 *
 * <p><b>Rule ids.</b> A {@link dev.countersign.policy.Decision} names its rule as {@code
 * namespace/name#index:hash}, where the hash is of what the rule says and of its policy's action: a
 * rule that moved keeps the hash, one that changed in its place does not.
 *
 * <p>Who must show a certificate or a token is said by {@code dev.countersign.policy.authentication}.
 *
 * <p>Invariants: what a request needs at decision time is compiled when the set is built; deciding
 * uses no regular expression, and on the common path builds no string and allocates nothing. The
 * index proposes and never decides: the rule that decides is the one that trying all of them in their
 * order would find.
 */
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
