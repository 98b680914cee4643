package dev.countersign.policy.authentication;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One issuer whose tokens are believed.
 *
 * @param issuer the {@code iss} of its tokens, compared exactly
 * @param audiences any of these must be in {@code aud}; empty takes every audience
 * @param jwks its keys as written; null where {@code jwksUri} has them. Exactly one of the two
 * @param jwksUri https address of its keys, fetched by the server alone
 * @param fromHeaders where tokens are looked for; nowhere named in any list: {@code Authorization:
 *     Bearer} and the query parameter {@code access_token}
 * @param fromParams names of query parameters
 * @param fromCookies names of cookies
 * @param outputPayloadToHeader header that tells the application the payload, base64url; or null
 * @param outputClaimToHeaders headers that tell the application single claims
 * @param forwardOriginalToken whether the application gets the token itself
 * @param timeout of fetching the keys; null: the server's own
 * @param spaceDelimitedClaims claims of this issuer whose string holds a list, beside {@code scope}
 *     and {@code permission}
 */
public record JwtRule(
        String issuer,
        List<String> audiences,
        @Nullable String jwks,
        @Nullable String jwksUri,
        List<TokenHeader> fromHeaders,
        List<String> fromParams,
        List<String> fromCookies,
        @Nullable String outputPayloadToHeader,
        List<ClaimHeader> outputClaimToHeaders,
        boolean forwardOriginalToken,
        @Nullable Duration timeout,
        List<String> spaceDelimitedClaims) {
    public JwtRule {
        Objects.requireNonNull(issuer, "issuer");
        audiences = List.copyOf(audiences);
        fromHeaders = List.copyOf(fromHeaders);
        fromParams = List.copyOf(fromParams);
        fromCookies = List.copyOf(fromCookies);
        outputClaimToHeaders = List.copyOf(outputClaimToHeaders);
        spaceDelimitedClaims = List.copyOf(spaceDelimitedClaims);
    }

    /** An issuer with its keys at an address, and nothing else said. */
    public static JwtRule ofUri(String issuer, String jwksUri) {
        return new JwtRule(
                issuer, List.of(), null, jwksUri, List.of(), List.of(), List.of(), null, List.of(),
                false, null, List.of());
    }

    /** An issuer with its keys written out, and nothing else said. */
    public static JwtRule ofKeys(String issuer, String jwks) {
        return new JwtRule(
                issuer, List.of(), jwks, null, List.of(), List.of(), List.of(), null, List.of(),
                false, null, List.of());
    }

    /** Whether tokens are looked for where they usually are. */
    public boolean looksInUsualPlaces() {
        return fromHeaders.isEmpty() && fromParams.isEmpty() && fromCookies.isEmpty();
    }

    /**
     * A header that may hold a token.
     *
     * @param prefix what stands before the token, such as {@code "Bearer "}; may be empty
     */
    public record TokenHeader(String name, String prefix) {
        public TokenHeader {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(prefix, "prefix");
        }
    }

    /** A header that tells the application one claim; a dot goes into a nested object. */
    public record ClaimHeader(String header, String claim) {
        public ClaimHeader {
            Objects.requireNonNull(header, "header");
            Objects.requireNonNull(claim, "claim");
        }
    }
}
