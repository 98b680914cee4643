package dev.countersign.policy.analysis;

/**
 * A question that stays open.
 *
 * @param subject what it is about
 * @param why what was in the way
 */
public record Unknown(String subject, String why) {}
