/**
 * Rotations from end to end: a real server and real agents in this process, with lives of seconds,
 * requests between workloads all the while, and what goes wrong.
 *
 * <p>Start with {@link dev.countersign.deploy.rotation.LiveMesh}.
 */
@NullMarked
package dev.countersign.deploy.rotation;

import org.jspecify.annotations.NullMarked;
