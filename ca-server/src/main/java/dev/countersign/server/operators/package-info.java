/**
 * Who may ask the admin service for what.
 *
 * <p>Starting points: {@link dev.countersign.server.operators.Role} is the table, what each role may
 * do; {@link dev.countersign.server.operators.AdminAction} is what can be done; {@link
 * dev.countersign.server.operators.Operators} binds names to roles, from the configuration.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An operator's certificate says a name and nothing more. The role belongs to the server's
 *       configuration, so that taking it away needs no certificate to end.
 *   <li>What is not listed is refused: a name without a role, a role without the action.
 *   <li>Issuing operator certificates is an action of no role. It needs the admin socket, so an
 *       operator cannot make another, or prolong its own time.
 * </ol>
 */
@NullMarked
package dev.countersign.server.operators;

import org.jspecify.annotations.NullMarked;
