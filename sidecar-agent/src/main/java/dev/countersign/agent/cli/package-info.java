/**
 * Commands that look at an agent from outside, over its loopback pages, and tell it what to do on its
 * control socket. {@link dev.countersign.agent.cli.AgentPlace} is how each finds the agent. Exit
 * codes: 0 good, 1 not (the agent is not ready, does not answer, refuses), 2 usage. {@code redirect}
 * leads connections through an agent, or stops doing so.
 */
@NullMarked
package dev.countersign.agent.cli;

import org.jspecify.annotations.NullMarked;
