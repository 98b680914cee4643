package dev.countersign.feed;

import java.time.Instant;
import java.util.Optional;

/**
 * The keys of a token issuer, as the server fetched them for its agents.
 *
 * <p>Known by the address and not by the issuer: or a rule in one namespace that names somebody
 * else's issuer and its own address would decide for all.
 *
 * @param address the {@code jwksUri} of the rules that need them
 * @param jwks a JWK set of public signing keys only; empty: there never were any
 * @param fetched when they were last confirmed, seconds; empty with {@code jwks}
 * @param problem why they cannot be confirmed now; empty when they can
 */
public record KeySet(String address, String jwks, Optional<Instant> fetched, String problem) {
    /** Characters of one set: some hundred keys. */
    public static final int MAX_JWKS = 64 * 1024;

    private static final int MAX_TEXT = 2048;

    public KeySet {
        if (address.isEmpty() || address.length() > MAX_TEXT || problem.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "key set: address of "
                            + address.length()
                            + ", problem of "
                            + problem.length()
                            + " characters (expected: 1 to 2048, <= 2048)");
        }
        if (jwks.length() > MAX_JWKS) {
            throw new IllegalArgumentException(
                    "key set: " + jwks.length() + " characters (expected: <= " + MAX_JWKS + ")");
        }
        if (jwks.isEmpty() == fetched.isPresent()) {
            throw new IllegalArgumentException(
                    "key set: fetched " + fetched + " (expected: with keys, and only then)");
        }
    }
}
