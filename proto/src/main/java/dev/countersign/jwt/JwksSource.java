package dev.countersign.jwt;

import dev.countersign.policy.authentication.JwtRule;

/** The keys of issuers, wherever they come from. Safe for many threads; never waits. */
public interface JwksSource {
    /** What is known of the keys that a rule names. */
    Keys keysOf(JwtRule rule);

    /**
     * A token named a key that the rule's issuer is not known to have. Whoever holds the keys looks
     * again, behind a floor of its own; the answer comes later.
     */
    void unknownKey(JwtRule rule);

    /** What is known of an issuer's keys. */
    sealed interface Keys {}

    /**
     * They are here.
     *
     * @param problem why they cannot be confirmed now, so that a key might be missing; empty: all is
     *     well
     */
    record Held(Jwks keys, String problem) implements Keys {}

    /** They are not, or are too old to be believed. */
    record Unavailable(String reason) implements Keys {}
}
