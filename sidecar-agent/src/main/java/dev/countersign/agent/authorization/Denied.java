package dev.countersign.agent.authorization;

import dev.countersign.policy.Decision;
import java.util.List;

/**
 * Refused.
 *
 * @param id what the caller is told: at least 80 random bits, Crockford base 32; leads an admin to
 *     the reason
 * @param decision why; never told to the caller
 * @param audited AUDIT rules that matched
 */
public record Denied(String id, Decision decision, List<Decision> audited) implements Verdict {}
