package dev.countersign.jwt;

import dev.countersign.jwt.TokenResult.Invalid;
import dev.countersign.jwt.TokenResult.KeysUnavailable;
import dev.countersign.jwt.TokenResult.Missing;
import dev.countersign.jwt.TokenResult.Reason;
import dev.countersign.jwt.TokenResult.Valid;
import dev.countersign.policy.authentication.JwtRule;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Says whether the token of a request is good by any of some rules. Safe for many threads. Make a
 * new one when rules or keys change: what it remembers of good tokens goes with it.
 *
 * <p>The order, cheapest first: one token; its form; its issuer; its times; its audience; keys;
 * signature.
 */
public final class TokenValidator {
    /** How far clocks may be apart. */
    public static final Duration SKEW = Duration.ofSeconds(60);

    private final List<JwtRule> rules;
    private final JwksSource keys;
    private final InstantSource clock;
    private final GoodTokens good = new GoodTokens();

    public TokenValidator(List<JwtRule> rules, JwksSource keys, InstantSource clock) {
        this.rules = List.copyOf(rules);
        this.keys = keys;
        this.clock = clock;
    }

    /** Validates what {@link TokenFinder} found. Never throws for what a caller can send. */
    public TokenResult validate(List<FoundToken> found) {
        if (found.isEmpty()) {
            return new Missing();
        }
        if (found.size() > 1) {
            return new Invalid(
                    Reason.SEVERAL_TOKENS, "tokens: " + found.size() + " (expected: one)");
        }
        try {
            return validate(found.getFirst());
        } catch (ParsedToken.Refused e) {
            return new Invalid(e.reason(), e.getMessage());
        }
    }

    private TokenResult validate(FoundToken found) throws ParsedToken.Refused {
        Valid known = good.get(found);
        if (known != null) {
            TokenTimes.check(known.claims(), clock.instant(), SKEW);
            return known;
        }
        ParsedToken token = ParsedToken.of(found.token());
        Object issuer = token.claims().get("iss");
        List<JwtRule> named =
                rules.stream()
                        .filter(rule -> rule.issuer().equals(issuer))
                        .filter(rule -> TokenFinder.takes(rule, found))
                        .toList();
        if (named.isEmpty()) {
            return new Invalid(
                    Reason.ISSUER_UNKNOWN,
                    "iss: " + Claims.shown(issuer) + " (expected: an issuer of this workload)");
        }
        Instant now = clock.instant();
        TokenTimes.check(token.claims(), now, SKEW);
        TokenResult worst = null;
        for (JwtRule rule : named) {
            TokenResult result = validate(token, rule, found);
            if (result instanceof Valid valid) {
                good.put(found, valid);
                return valid;
            }
            // That keys are missing says more than that other keys do not fit.
            worst = worst == null || result instanceof KeysUnavailable ? result : worst;
        }
        return worst == null ? new Missing() : worst;
    }

    private TokenResult validate(ParsedToken token, JwtRule rule, FoundToken found) {
        List<String> audiences = Claims.texts(token.claims().get("aud"));
        if (!rule.audiences().isEmpty()
                && audiences.stream().noneMatch(rule.audiences()::contains)) {
            return new Invalid(
                    Reason.AUDIENCE,
                    "aud: " + Claims.shown(audiences) + " (expected: one of the rule's)");
        }
        return switch (keys.keysOf(rule)) {
            case JwksSource.Unavailable unavailable ->
                    new KeysUnavailable(rule.issuer(), unavailable.reason());
            case JwksSource.Held held -> validate(token, rule, found, held);
        };
    }

    private TokenResult validate(
            ParsedToken token, JwtRule rule, FoundToken found, JwksSource.Held held) {
        if (!held.keys().mayHave(token.keyId())) {
            keys.unknownKey(rule);
            return held.problem().isEmpty()
                    ? new Invalid(
                            Reason.UNKNOWN_KEY,
                            "kid: "
                                    + Claims.shown(token.keyId())
                                    + " (expected: a key of the issuer)")
                    : new KeysUnavailable(rule.issuer(), held.problem());
        }
        List<JwtKey> candidates = held.keys().candidates(token.keyId(), token.algorithm());
        if (candidates.isEmpty()) {
            return new Invalid(
                    Reason.ALGORITHM,
                    "alg: " + token.algorithm() + " (expected: one that the issuer's key is for)");
        }
        boolean signed =
                candidates.stream()
                        .anyMatch(key ->
                                key.signed(
                                        token.algorithm(),
                                        token.signingInput(),
                                        token.signature()));
        return signed
                ? new Valid(Claims.plain(token.claims(), rule), rule, found, token.payload())
                : new Invalid(Reason.BAD_SIGNATURE, "signature: not the issuer's");
    }
}
