/**
 * Asks {@code dev.countersign.policy} about every inbound connection and request; the only maker of
 * {@link dev.countersign.agent.authorization.Permit}.
 *
 * <p>Start with {@link dev.countersign.agent.authorization.Authorizer}, what the proxy sees, then
 * {@link dev.countersign.agent.authorization.PolicyAuthorizer}, its one implementation, and {@link
 * dev.countersign.agent.authorization.DecisionLog}, which remembers.
 *
 * <p>Invariants: no policy source, a fault, a principal that the handshake did not prove, a peer on
 * the deny list: each denies. A denied caller learns an id and nothing else. Every id given to a
 * caller is reported with an explanation; denials on one edge (caller, port, method, path) within one
 * second share an id, and so do further ones when a caller makes more different requests in a second
 * than the table holds. Every table is bounded.
 */
@NullMarked
package dev.countersign.agent.authorization;

import org.jspecify.annotations.NullMarked;
