package dev.countersign.server.authority.rotation;

import java.time.Instant;

/**
 * Somebody decided to go on without a verifier.
 *
 * @param verifier its name, as refusals print it
 * @param reason for the log
 * @param by who decided
 * @param at when
 */
public record Exclusion(String verifier, String reason, String by, Instant at) {}
