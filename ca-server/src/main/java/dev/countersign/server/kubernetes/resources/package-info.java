/**
 * What all custom resources have in common: how they are watched, and how the server says what became
 * of them.
 *
 * <p>Starting points: {@link dev.countersign.server.kubernetes.resources.ResourceWatch} keeps what the
 * API server holds of one kind and goes on with it while the API server is away; {@link
 * dev.countersign.server.kubernetes.resources.StatusWriter} writes status by server-side apply as field
 * manager {@code countersign}, a bounded number a second, never the same twice, and an event where a
 * condition turns.
 *
 * <p>Only the leader calls the writer; all watch.
 */
@NullMarked
package dev.countersign.server.kubernetes.resources;

import org.jspecify.annotations.NullMarked;
