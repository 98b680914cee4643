package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.jwt.StrictJson;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.BearerToken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a token says, for people. Its signature is neither checked nor shown.
 *
 * @param algorithm how it is signed
 * @param keyId by which key
 * @param fingerprint names it in logs
 * @param claims all of them, as JSON values; null stands for JSON's null
 * @param refusal why a server would refuse it whatever its issuer, audience and key; empty when it
 *     would not
 */
public record TokenInspection(
        String algorithm,
        String keyId,
        String fingerprint,
        Map<String, @Nullable Object> claims,
        Optional<AttestationRefused> refusal) {
    public TokenInspection {
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** @throws AttestationRefused when it is not a token at all */
    public static TokenInspection of(BearerToken token, Instant now) throws AttestationRefused {
        ParsedToken parsed = TokenParser.parse(token);
        return new TokenInspection(
                parsed.algorithm().name(),
                parsed.keyId(),
                token.fingerprint(),
                object(parsed.claims()),
                refusal(parsed, now));
    }

    private static Optional<AttestationRefused> refusal(ParsedToken parsed, Instant now) {
        try {
            TokenClaims claims = TokenClaims.of(parsed.claims());
            TokenSettings itsOwn =
                    new TokenSettings(
                            claims.issuer(),
                            Set.copyOf(claims.audiences()),
                            TokenSettings.DEFAULT_CLOCK_SKEW,
                            TokenSettings.DEFAULT_MAX_TOKEN_LIFE);
            new TokenRules(itsOwn).check(claims, now);
            return Optional.empty();
        } catch (AttestationRefused refused) {
            return Optional.of(refused);
        } catch (IllegalArgumentException noIssuerOrAudience) {
            return Optional.of(
                    new AttestationRefused(
                            AttestationRefused.Reason.TOKEN_MALFORMED,
                            String.valueOf(noIssuerOrAudience.getMessage())));
        }
    }

    private static Map<String, @Nullable Object> object(Map<?, ?> parsed) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        parsed.forEach((name, value) -> object.put(String.valueOf(name), plain(value)));
        return object;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> object(map);
            case List<?> list -> {
                List<@Nullable Object> plain = new ArrayList<>();
                list.forEach(element -> plain.add(plain(element)));
                yield plain;
            }
            default -> value.equals(StrictJson.NULL) ? null : value;
        };
    }
}
