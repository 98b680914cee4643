package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;

/**
 * Refused.
 *
 * @param id what the caller is told: at least 80 random bits, Crockford base 32; leads an admin to
 *     the reason
 * @param decision why; never told to the caller
 */
public record Denied(String id, Decision decision) implements Verdict {}
