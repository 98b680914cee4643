/**
 * Rotation as a state machine: what is trusted and who signs in each phase, which moves there are,
 * and what must be seen before the next one. No input or output: the executor in the package above
 * reads and writes.
 *
 * <p>Start with {@link dev.countersign.server.authority.rotation.RotationState}: the states, each with
 * its legal moves. Then {@link dev.countersign.server.authority.rotation.RotationPlanner}, which asks
 * {@link dev.countersign.server.authority.rotation.Guards} and answers with the next move, a reason to
 * wait, or those who stand in the way, by name.
 *
 * <p>Invariants, in every state:
 *
 * <ul>
 *   <li>R1: whoever may sign is trusted by every live verifier.
 *   <li>R2: while a leaf under a root lives, the root is trusted by every live verifier, unless it was
 *       distrusted.
 *   <li>R3: each move is a new epoch, undoing included.
 * </ul>
 */
@NullMarked
package dev.countersign.server.authority.rotation;

import org.jspecify.annotations.NullMarked;
