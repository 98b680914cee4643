package dev.countersign.jwt;

import static dev.countersign.jwt.TestIssuer.ISSUER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jwt.FoundToken.Place;
import dev.countersign.jwt.TokenResult.Invalid;
import dev.countersign.jwt.TokenResult.KeysUnavailable;
import dev.countersign.jwt.TokenResult.Missing;
import dev.countersign.jwt.TokenResult.Reason;
import dev.countersign.jwt.TokenResult.Valid;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.testing.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenValidatorTest {
    private static final long NOW = MutableClock.START.getEpochSecond();
    private static final String ADDRESS = ISSUER + "/keys";
    private static final JwtRule RULE = JwtRule.ofUri(ISSUER, ADDRESS);

    private final MutableClock clock = MutableClock.create();
    private final List<String> wishes = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "RSA, RS256",
        "RSA, RS384",
        "RSA, RS512",
        "RSA, PS256",
        "RSA, PS384",
        "RSA, PS512",
        "P-256, ES256",
        "P-384, ES384",
        "P-521, ES512",
        "Ed25519, EdDSA"
    })
    void everyListedAlgorithmIsChecked(String kind, String algorithm) {
        TestIssuer issuer = issuer(kind);
        String token = issuer.sign(header(algorithm, "k"), claims(""));
        TokenValidator validator = validator(TestIssuer.jwks(issuer.jwk("k")));

        TokenResult result = validator.validate(bearer(token));

        assertThat(result)
                .isInstanceOfSatisfying(
                        Valid.class,
                        valid -> assertThat(valid.claims()).containsEntry("sub", "alice"));
        String forged = token.substring(0, token.lastIndexOf('.') + 1) + "A".repeat(86);
        assertThat(validator.validate(bearer(forged))).isInstanceOf(Invalid.class);
        assertThat(validator.validate(bearer(changed(token))))
                .isEqualTo(new Invalid(Reason.BAD_SIGNATURE, "signature: not the issuer's"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "HS256", "HS384", "HS512", "rs256", "ES256K", "", "RSA-OAEP"})
    void noOtherAlgorithmExists(String algorithm) {
        String header = "{\"alg\":\"" + algorithm + "\",\"kid\":\"k\"}";
        String token = TestIssuer.base64(header) + "." + TestIssuer.base64(claims("")) + ".AAAA";

        assertThat(reason(validator().validate(bearer(token)))).isEqualTo(Reason.ALGORITHM);
    }

    /** The oldest trick: the public key as the secret of an HMAC; and an algorithm of another key. */
    @Test
    void aKeyIsUsedByAlgorithmsOfItsKindOnly() {
        String token = TestIssuer.P256.sign(header("ES256", "k"), claims(""));

        assertThat(reason(validator().validate(bearer(token)))).isEqualTo(Reason.ALGORITHM);
    }

    @ParameterizedTest
    @CsvSource({
        "exp, -60, -59, EXPIRED",
        "nbf, 61, 60, NOT_YET_VALID",
        "iat, 61, 60, NOT_YET_VALID",
        "exp, -3600, 3600, EXPIRED"
    })
    void timesAreKeptWithinTheSkew(String claim, long bad, long good, Reason reason) {
        assertThat(reason(validate(at(claim, bad)))).isEqualTo(reason);
        assertThat(validate(at(claim, good))).isInstanceOf(Valid.class);
    }

    private static String at(String claim, long seconds) {
        String end = claim.equals("exp") ? "" : ",\"exp\":" + (NOW + 600);
        return "{\"iss\":\"" + ISSUER + "\",\"" + claim + "\":" + (NOW + seconds) + end + "}";
    }

    @Test
    void aTokenWithoutEndOrWithATextForOneIsRefused() {
        assertThat(reason(validate("{\"iss\":\"" + ISSUER + "\"}")))
                .isEqualTo(Reason.EXPIRY_MISSING);
        assertThat(reason(validate("{\"iss\":\"" + ISSUER + "\",\"exp\":\"never\"}")))
                .isEqualTo(Reason.MALFORMED);
    }

    @Test
    void aTokenThatWasGoodOnceIsNotGoodForEver() {
        TokenValidator validator = validator();
        List<FoundToken> token = bearer(sign(claims("")));

        assertThat(validator.validate(token)).isInstanceOf(Valid.class);
        clock.advance(Duration.ofSeconds(600 + 61));
        assertThat(reason(validator.validate(token))).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void theIssuerIsComparedExactly() {
        for (String issuer :
                List.of(ISSUER + "/", ISSUER.toUpperCase(java.util.Locale.ROOT), "", "*")) {
            String payload = "{\"iss\":\"" + issuer + "\",\"exp\":" + (NOW + 60) + "}";
            assertThat(reason(validate(payload))).isEqualTo(Reason.ISSUER_UNKNOWN);
        }
        assertThat(reason(validate("{\"iss\":[\"" + ISSUER + "\"],\"exp\":1}")))
                .isEqualTo(Reason.ISSUER_UNKNOWN);
    }

    @Test
    void oneOfTheAudiencesMustBeThere() {
        JwtRule rule =
                new JwtRule(
                        ISSUER,
                        List.of("a", "b"),
                        jwks(),
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        List.of(),
                        false,
                        null,
                        List.of());
        TokenValidator validator = new TokenValidator(List.of(rule), keys(), clock);

        assertThat(validator.validate(bearer(sign(claims(",\"aud\":\"b\"")))))
                .isInstanceOf(Valid.class);
        assertThat(validator.validate(bearer(sign(claims(",\"aud\":[\"x\",\"a\"]")))))
                .isInstanceOf(Valid.class);
        for (String aud : List.of("", ",\"aud\":\"c\"", ",\"aud\":[]", ",\"aud\":{\"a\":1}")) {
            assertThat(reason(validator.validate(bearer(sign(claims(aud))))))
                    .isEqualTo(Reason.AUDIENCE);
        }
    }

    @Test
    void whatIsHostileInFormIsRefusedByName() {
        String big = "x".repeat(1 << 20);
        String nested = "[".repeat(30) + "]".repeat(30);
        String many =
                IntStream.range(0, 200)
                        .mapToObj(i -> ",\"c" + i + "\":1")
                        .collect(Collectors.joining());

        assertThat(reason(validate(claims(",\"big\":\"" + big + "\""))))
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(validate(claims(",\"deep\":" + nested)))).isEqualTo(Reason.MALFORMED);
        assertThat(reason(validate(claims(many)))).isEqualTo(Reason.TOO_MANY_CLAIMS);
        assertThat(reason(validate(claims(",\"sub\":\"bob\"")))).isEqualTo(Reason.DUPLICATE_NAME);
        assertThat(reason(validate(claims(",\"o\":{\"a\":1,\"a\":2}"))))
                .isEqualTo(Reason.DUPLICATE_NAME);
        for (String extension : List.of("\"crit\":[\"exp\"]", "\"b64\":false", "\"zip\":\"DEF\"")) {
            String header = "{\"alg\":\"RS256\",\"kid\":\"k\"," + extension + "}";
            String token = TestIssuer.RSA.sign(header, claims(""));
            assertThat(reason(validator().validate(bearer(token))))
                    .isEqualTo(Reason.CRITICAL_HEADER);
        }
        String good = sign(claims(""));
        for (String form :
                List.of("", ".", "..", "a.b", good + ".x", good + "=", good.replace('.', ' '))) {
            assertThat(reason(validator().validate(bearer(form)))).isEqualTo(Reason.MALFORMED);
        }
    }

    /** A key that comes with the token is nobody's. */
    @Test
    void aKeyInTheHeaderIsNotUsed() {
        TestIssuer attacker = TestIssuer.of("RSA", 2048);
        String header =
                "{\"alg\":\"RS256\",\"kid\":\"k\",\"jwk\":"
                        + attacker.jwk("k").toJSONString()
                        + ",\"jku\":\"https://attacker.test\"}";

        assertThat(reason(validator().validate(bearer(attacker.sign(header, claims(""))))))
                .isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void withoutAKeyIdEveryKeyThatFitsIsTried() {
        TestIssuer other = TestIssuer.of("RSA", 2048);
        String keys = TestIssuer.jwks(other.jwk("a"), TestIssuer.RSA.jwk("b"));
        String token = TestIssuer.RSA.sign("{\"alg\":\"RS256\"}", claims(""));

        assertThat(validator(keys).validate(bearer(token))).isInstanceOf(Valid.class);
        String named = TestIssuer.RSA.sign(header("RS256", "a"), claims(""));
        assertThat(reason(validator(keys).validate(bearer(named)))).isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void anUnknownKeyMakesTheServerLookAgainButNotMoreOftenThanTheFloor() {
        TokenValidator validator = validator();
        String token = TestIssuer.RSA.sign(header("RS256", "new"), claims(""));

        for (int i = 0; i < 50; i++) {
            assertThat(reason(validator.validate(bearer(token)))).isEqualTo(Reason.UNKNOWN_KEY);
        }
        assertThat(wishes).containsExactly(ADDRESS);
        clock.advance(HeldKeys.FLOOR);
        validator.validate(bearer(token));
        assertThat(wishes).hasSize(2);
    }

    @Test
    void keysThatAreNotHereRefuseAndSayWhy() {
        HeldKeys none = new HeldKeys(List.of(), wishes::add, clock);
        HeldKeys failing =
                new HeldKeys(
                        List.of(new HeldKeys.Sent(ADDRESS, "", Optional.empty(), "status 503")),
                        wishes::add,
                        clock);
        HeldKeys odd = keys("{\"keys\":[]}", "", MutableClock.START);

        for (HeldKeys keys : List.of(none, failing, odd)) {
            TokenResult result =
                    new TokenValidator(List.of(RULE), keys, clock)
                            .validate(bearer(sign(claims(""))));
            assertThat(result).isInstanceOf(KeysUnavailable.class);
        }
        assertThat(
                        new TokenValidator(List.of(RULE), failing, clock)
                                .validate(bearer(sign(claims("")))))
                .isEqualTo(new KeysUnavailable(ISSUER, "status 503"));
    }

    @Test
    void theLastGoodKeysStayUntilTheyAreTooOld() {
        HeldKeys keys = keys(jwks(), "status 503", MutableClock.START);
        TokenValidator validator = new TokenValidator(List.of(RULE), keys, clock);
        String unknown = TestIssuer.RSA.sign(header("RS256", "new"), claims(""));

        assertThat(validator.validate(bearer(sign(claims(""))))).isInstanceOf(Valid.class);
        // It might be a key of theirs that could not be fetched.
        assertThat(validator.validate(bearer(unknown))).isInstanceOf(KeysUnavailable.class);
        clock.advance(HeldKeys.MAX_AGE.plusSeconds(1));
        String later =
                TestIssuer.RSA.sign(
                        header("RS256", "k"),
                        "{\"iss\":\"" + ISSUER + "\",\"exp\":" + (NOW + 200_000) + "}");
        assertThat(validator.validate(bearer(later))).isInstanceOf(KeysUnavailable.class);
    }

    @Test
    void noTokenIsMissingAndTwoAreOneTooMany() {
        String token = sign(claims(""));

        assertThat(validator().validate(List.of())).isEqualTo(new Missing());
        assertThat(
                        reason(
                                validator()
                                        .validate(
                                                List.of(
                                                        bearer(token).getFirst(),
                                                        bearer(token).getFirst()))))
                .isEqualTo(Reason.SEVERAL_TOKENS);
    }

    @Test
    void aTokenCountsOnlyWhereItsIssuersRuleLooks() {
        JwtRule cookie =
                new JwtRule(
                        ISSUER,
                        List.of(),
                        jwks(),
                        null,
                        List.of(),
                        List.of(),
                        List.of("session"),
                        null,
                        List.of(),
                        false,
                        null,
                        List.of("groups"));
        TokenValidator validator = new TokenValidator(List.of(cookie), keys(), clock);
        String token = sign(claims(",\"groups\":\"a b\",\"gone\":null,\"o\":{\"x\":null}"));

        assertThat(reason(validator.validate(bearer(token)))).isEqualTo(Reason.ISSUER_UNKNOWN);
        assertThat(validator.validate(List.of(new FoundToken(Place.COOKIE, "session", token))))
                .isInstanceOfSatisfying(
                        Valid.class,
                        valid ->
                                assertThat(valid.claims())
                                        .containsEntry("groups", List.of("a", "b"))
                                        .containsEntry("o", Map.of())
                                        .doesNotContainKey("gone"));
    }

    @Test
    void neitherTokenNorKeyIsInAnyText() {
        String token = sign(claims(""));
        List<FoundToken> found = bearer(token);

        assertThat(found.toString()).doesNotContain(token);
        assertThat(validator().validate(bearer(changed(token))).toString())
                .doesNotContain(token.substring(token.lastIndexOf('.')));
    }

    private TokenResult validate(String payload) {
        return validator().validate(bearer(sign(payload)));
    }

    private TokenValidator validator() {
        return validator(jwks());
    }

    private TokenValidator validator(String jwks) {
        return new TokenValidator(List.of(RULE), keys(jwks, "", MutableClock.START), clock);
    }

    private HeldKeys keys() {
        return keys(jwks(), "", MutableClock.START);
    }

    private HeldKeys keys(String jwks, String problem, Instant fetched) {
        return new HeldKeys(
                List.of(new HeldKeys.Sent(ADDRESS, jwks, Optional.of(fetched), problem)),
                wishes::add,
                clock);
    }

    private static String jwks() {
        return TestIssuer.jwks(TestIssuer.RSA.jwk("k"));
    }

    private static String sign(String payload) {
        return TestIssuer.RSA.sign(header("RS256", "k"), payload);
    }

    private static String header(String algorithm, String id) {
        return "{\"alg\":\"" + algorithm + "\",\"kid\":\"" + id + "\",\"typ\":\"JWT\"}";
    }

    private static String claims(String more) {
        return "{\"iss\":\"" + ISSUER + "\",\"sub\":\"alice\",\"exp\":" + (NOW + 600) + more + "}";
    }

    /** Another subject, the same signature. */
    private static String changed(String token) {
        String[] parts = token.split("\\.", -1);
        return parts[0] + "." + TestIssuer.base64(claims(",\"admin\":true")) + "." + parts[2];
    }

    private static List<FoundToken> bearer(String token) {
        return List.of(new FoundToken(Place.HEADER, "authorization", token));
    }

    private static Reason reason(TokenResult result) {
        assertThat(result).isInstanceOf(Invalid.class);
        return ((Invalid) result).reason();
    }

    private static TestIssuer issuer(String kind) {
        return TestIssuer.all().stream()
                .filter(one -> one.kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }
}
