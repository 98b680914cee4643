package dev.countersign.jwt;

import dev.countersign.policy.authentication.JwtRule;
import java.util.Map;

/** What became of the token of one request. */
public sealed interface TokenResult {
    /** There is none: the request has no claims, and goes on to the policies. */
    record Missing() implements TokenResult {}

    /**
     * It is good.
     *
     * @param claims as JSON values: strings, numbers, booleans, lists, maps; no nulls. Claims that
     *     the rule calls space-delimited are lists
     * @param rule by which it is good: its output headers are to be set
     * @param found where it was found: to be removed unless the rule forwards it
     * @param payload the claims as they were signed, base64url
     */
    record Valid(Map<String, Object> claims, JwtRule rule, FoundToken found, String payload)
            implements TokenResult {
        public Valid {
            claims = Map.copyOf(claims);
        }
    }

    /** It is not good: 401, {@code www-authenticate: Bearer error="invalid_token"}. */
    record Invalid(Reason reason, String message) implements TokenResult {}

    /** It cannot be checked: the keys of its issuer are not here. Refused, with 503. */
    record KeysUnavailable(String issuer, String message) implements TokenResult {}

    /** Why a token is not good, by stable names. */
    enum Reason {
        SEVERAL_TOKENS,
        TOO_LARGE,
        MALFORMED,
        DUPLICATE_NAME,
        ALGORITHM,
        CRITICAL_HEADER,
        TOO_MANY_CLAIMS,
        ISSUER_UNKNOWN,
        AUDIENCE,
        EXPIRY_MISSING,
        EXPIRED,
        NOT_YET_VALID,
        UNKNOWN_KEY,
        BAD_SIGNATURE
    }
}
