package dev.countersign.server.attestation.serviceaccount;

import java.time.Duration;
import java.util.Set;

/**
 * What a token must say.
 *
 * @param issuer the {@code iss}, compared exactly
 * @param audiences one of them must be in {@code aud}; at least one
 * @param clockSkew how far the issuer's clock may be from ours; 0 to 60 s
 * @param maxTokenLife longest {@code exp − iat}; 10 min to 48 h
 */
public record TokenSettings(
        String issuer, Set<String> audiences, Duration clockSkew, Duration maxTokenLife) {
    public static final String DEFAULT_AUDIENCE = "countersign";
    public static final Duration DEFAULT_CLOCK_SKEW = Duration.ofSeconds(10);
    public static final Duration DEFAULT_MAX_TOKEN_LIFE = Duration.ofHours(24);

    private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(60);

    /** The shortest that the API server issues (TokenRequest, expirationSeconds). */
    private static final Duration LEAST_TOKEN_LIFE = Duration.ofMinutes(10);

    private static final Duration MOST_TOKEN_LIFE = Duration.ofDays(2);

    public TokenSettings {
        audiences = Set.copyOf(audiences);
        require(!issuer.isBlank(), "issuer", "\"\"", "the iss of the tokens");
        require(!audiences.isEmpty(), "audiences", "none", "at least one");
        require(
                !clockSkew.isNegative() && clockSkew.compareTo(MAX_CLOCK_SKEW) <= 0,
                "clockSkew",
                clockSkew,
                "PT0S to " + MAX_CLOCK_SKEW);
        require(
                maxTokenLife.compareTo(LEAST_TOKEN_LIFE) >= 0
                        && maxTokenLife.compareTo(MOST_TOKEN_LIFE) <= 0,
                "maxTokenLife",
                maxTokenLife,
                LEAST_TOKEN_LIFE + " to " + MOST_TOKEN_LIFE);
    }

    /** The defaults, for tokens of this issuer. */
    public static TokenSettings of(String issuer) {
        return new TokenSettings(
                issuer, Set.of(DEFAULT_AUDIENCE), DEFAULT_CLOCK_SKEW, DEFAULT_MAX_TOKEN_LIFE);
    }

    private static void require(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(
                    what + ": " + value + " (expected: " + expected + ")");
        }
    }
}
