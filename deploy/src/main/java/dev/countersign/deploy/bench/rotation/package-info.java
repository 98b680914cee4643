/**
 * A rotation under load, for {@code deploy/bench/rotation}: real agents in one process, all of whose
 * callers ask all callees, servers as processes of their own, and what goes wrong on purpose.
 *
 * <p>Start with {@link dev.countersign.deploy.bench.rotation.RotationBench}.
 */
@NullMarked
package dev.countersign.deploy.bench.rotation;

import org.jspecify.annotations.NullMarked;
