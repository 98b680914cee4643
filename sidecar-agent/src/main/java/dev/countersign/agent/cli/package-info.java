/**
 * Commands that look at an agent from outside, over its loopback pages: they see what an admin on
 * the same host may see, and change nothing.
 */
@NullMarked
package dev.countersign.agent.cli;

import org.jspecify.annotations.NullMarked;
