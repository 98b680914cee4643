/**
 * Measurements, each behind a script in {@code deploy/bench}: what a certificate costs, what a
 * request through a pair of sidecars costs, what an agent weighs, how long a change of policy takes
 * until a fleet decides by it. CPU is read from {@code /proc} of the process that is measured; the
 * process that drives sits on the other core.
 */
@NullMarked
package dev.countersign.deploy.bench;

import org.jspecify.annotations.NullMarked;
