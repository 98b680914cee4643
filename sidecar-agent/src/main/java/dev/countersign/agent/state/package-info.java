/**
 * Where an agent keeps what must outlive its process: one file, replaced whole.
 *
 * <p>Start with {@link dev.countersign.agent.state.StateDirectory}. What is in the sections is the
 * business of those who wrote them; here they are bytes under one checksum, so that a file is used
 * whole or not at all.
 */
@NullMarked
package dev.countersign.agent.state;

import org.jspecify.annotations.NullMarked;
