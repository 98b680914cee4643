/**
 * How both processes read their configuration, start, stop and report. Knows nothing of
 * certificates or policies.
 *
 * <ul>
 *   <li>{@link dev.countersign.runtime.ConfigReader}: one YAML file and environment overrides into a
 *       record built by hand; every problem at once, with path, value and expectation.
 *   <li>{@link dev.countersign.runtime.AtomicFiles}: files that are whole or not there; secrets 0600.
 *   <li>{@link dev.countersign.runtime.Closer}: what was opened is closed, in reverse.
 *   <li>{@link dev.countersign.runtime.Health}, {@link dev.countersign.runtime.OpsServer}: live,
 *       ready with the reason, metrics, on a port of their own, read-only.
 *   <li>{@link dev.countersign.runtime.Backoff}: when to try again.
 *   <li>{@link dev.countersign.runtime.Logging}: JSON lines, or text for a terminal.
 *   <li>{@link dev.countersign.runtime.Termination}: SIGTERM drains and ends with 0, a second one ends
 *       at once.
 *   <li>{@link dev.countersign.runtime.CommandLineRunner}: exit codes 0 good, 1 refused or failed, 2
 *       usage.
 * </ul>
 */
@NullMarked
package dev.countersign.runtime;

import org.jspecify.annotations.NullMarked;
