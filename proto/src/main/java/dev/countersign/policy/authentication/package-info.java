/**
 * Who must show what before a policy is asked: mutual TLS, and tokens of end users.
 *
 * <p>Schema and meaning are those of Istio's {@code security.istio.io/v1}; our own group {@code
 * countersign.dev/v1} has the same.
 *
 * <p>Starting points: {@link dev.countersign.policy.authentication.PeerAuthentications#modeFor} says
 * which connections a port takes; {@link
 * dev.countersign.policy.authentication.RequestAuthentications#rulesFor} says which tokens a workload
 * believes. Both are pure and made once for each revision. Tokens themselves are checked by {@code
 * dev.countersign.jwt}.
 *
 * <p><b>PeerAuthentication.</b> The nearest one that says something wins: port, workload (by
 * selector), root namespace by selector, namespace, mesh (root namespace without selector). {@code
 * UNSET} means "as the next wider one". Nobody says anything: the caller's own default. Istio lets
 * the oldest of several at one level win; there is no age here, so the strictest wins, then the
 * first by name, and {@link dev.countersign.policy.authentication.PeerAuthentications#conflicts} lists
 * them.
 *
 * <p><b>RequestAuthentication.</b> All that apply are added up. They say which tokens are good, not
 * that there must be one: a request without a token passes and has no claims; to demand one is the
 * affair of an {@link dev.countersign.policy.AuthorizationPolicy}.
 */
@NullMarked
package dev.countersign.policy.authentication;

import org.jspecify.annotations.NullMarked;
