package dev.countersign.server.authority.rotation;

import java.time.Instant;

/**
 * When something began.
 *
 * @param epoch of the bundle that began it, at least 1
 * @param at by the clock of the server that made this epoch
 */
public record Mark(long epoch, Instant at) {}
