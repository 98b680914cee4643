/**
 * The quickstart: a certificate authority, three plain HTTP programs and their agents, as real
 * processes on this machine, and a person watching.
 *
 * <p>{@link dev.countersign.deploy.quickstart.Quickstart} is the play: it reads from top to bottom as
 * what appears on screen. {@link dev.countersign.deploy.quickstart.Stage} sets up and tears down,
 * {@link dev.countersign.deploy.quickstart.PlainProgram} is what the workloads run: it knows nothing
 * of TLS, tokens or policies. Every line printed with a result is an observation; with {@code --once}
 * the exit code is 0 only if every one of them was made.
 */
@NullMarked
package dev.countersign.deploy.quickstart;

import org.jspecify.annotations.NullMarked;
