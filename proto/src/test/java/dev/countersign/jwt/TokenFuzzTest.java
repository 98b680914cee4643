package dev.countersign.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.jwt.FoundToken.Place;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever the bytes: refused with a reason; nobody signed them. */
class TokenFuzzTest {
    private static final String KEYS = TestIssuer.jwks(TestIssuer.P256.jwk("k"));
    private static final MutableClock CLOCK = MutableClock.create();
    private static final TokenValidator VALIDATOR =
            new TokenValidator(
                    List.of(JwtRule.ofKeys(TestIssuer.ISSUER, KEYS)),
                    new HeldKeys(List.of(), address -> {}, CLOCK),
                    CLOCK);

    @FuzzTest(maxDuration = "20s")
    void noTokenIsGoodThatNobodySigned(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String claims = TestIssuer.base64(text.isEmpty() ? "{}" : text);
        String header = TestIssuer.base64("{\"alg\":\"ES256\",\"kid\":\"k\"}");

        for (String token :
                List.of(
                        text,
                        TestIssuer.base64(text) + "." + claims + ".AAAA",
                        header + "." + claims + "." + "A".repeat(86))) {
            TokenResult result =
                    VALIDATOR.validate(
                            List.of(new FoundToken(Place.HEADER, "authorization", token)));
            assertThat(result).isInstanceOf(TokenResult.Invalid.class);
            assertThat(result.toString()).hasSizeLessThan(800).doesNotContainPattern("\\p{Cntrl}");
        }
    }

    @FuzzTest(maxDuration = "20s")
    void anySetOfKeysIsRefusedOrPassedOnWithoutSecrets(byte[] bytes) {
        try {
            Jwks keys = Jwks.parse(bytes);
            assertThat(keys.size()).isBetween(1, Jwks.MAX_KEYS);
            assertThat(Jwks.parse(keys.publicDocument()).size()).isEqualTo(keys.size());
        } catch (JwksRefused refused) {
            assertThat(refused.getMessage()).isNotEmpty().hasSizeLessThan(800);
        }
    }
}
