/**
 * Counterparts for the agent's tests: a CA at the port ({@link
 * dev.countersign.agent.testing.TestIssuer}) and one behind a real socket.
 */
@NullMarked
package dev.countersign.agent.testing;

import org.jspecify.annotations.NullMarked;
