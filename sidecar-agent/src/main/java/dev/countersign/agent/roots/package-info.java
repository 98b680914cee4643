/**
 * Shadow verification: which roots the handshakes of this agent needed.
 *
 * <p>Whoever verifies a peer of a handshake tells {@link dev.countersign.agent.roots.RootCounter};
 * what it has counted goes to the server with the agent's status. There a root that is being retired
 * is taken out of the bundles for good only when nobody has needed it for long enough.
 *
 * <p>Counts begin with the process and say so: a restart is a gap in what is known, never a zero.
 */
@NullMarked
package dev.countersign.agent.roots;

import org.jspecify.annotations.NullMarked;
