package dev.countersign.server.attestation.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.countersign.jwt.StrictJson;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.BearerToken;
import dev.countersign.testing.MutableClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Any input is refused with a reason, or is exactly what it was read as. */
final class TokenFuzzTest {
    private static final ObjectMapper REFERENCE =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    @FuzzTest
    void anyTextIsRefusedOrHasOneSpelling(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        try {
            ParsedToken token = TokenParser.parse(new BearerToken(text));

            String signingInput = new String(token.signingInput(), StandardCharsets.US_ASCII);
            assertThat(signingInput + "." + token.signature()).isEqualTo(text);
            for (String part : text.split("\\.", -1)) {
                byte[] decoded = Base64.getUrlDecoder().decode(part);
                assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(decoded))
                        .isEqualTo(part);
            }
            assertThat(token.header()).doesNotContainKeys("crit", "b64");
        } catch (AttestationRefused refused) {
            assertThat(refused.getMessage()).isNotEmpty().hasSizeLessThan(600);
        }
    }

    @FuzzTest
    void anyPayloadIsRefusedOrNamesAWorkload(byte[] payload) {
        try {
            TokenClaims claims = TokenClaims.of(StrictJson.TOKEN.object(payload));

            new TokenRules(TokenSettings.of(TokenForge.ISSUER)).check(claims, MutableClock.START);
            assertThat(claims.account().toString()).matches("[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}");
            assertThat(claims.podUid()).matches("[A-Za-z0-9-]{1,64}");
            assertThat(claims.accountUid()).matches("[A-Za-z0-9-]{1,64}");
            assertThat(claims.issuer()).isEqualTo(TokenForge.ISSUER);
        } catch (AttestationRefused | StrictJson.Invalid refused) {
            assertThat(refused.getMessage())
                    .hasSizeLessThan(600)
                    .doesNotContainPattern("\\p{Cntrl}");
        }
    }

    @FuzzTest
    void anyJsonIsRefusedOrReadAsAnotherStrictReaderReadsIt(byte[] json) throws IOException {
        try {
            String read = REFERENCE.writeValueAsString(printable(StrictJson.TOKEN.object(json)));

            Object reference =
                    REFERENCE.readValue(new String(json, StandardCharsets.UTF_8), Object.class);
            assertThat(read).isEqualTo(REFERENCE.writeValueAsString(reference));
        } catch (StrictJson.Invalid refused) {
            assertThat(refused.getMessage()).startsWith("JSON: ");
        }
    }

    @FuzzTest
    void anyKeySetIsRefusedOrUsable(byte[] document) {
        try {
            assertThat(IssuerKeySet.parse(document, 10).keys()).isNotEmpty().hasSizeLessThan(11);
        } catch (JwksUnavailable refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    private static Object printable(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                map.forEach((name, inner) -> plain.put((String) name, printable(inner)));
                yield plain;
            }
            case List<?> list -> list.stream().map(TokenFuzzTest::printable).toList();
            default -> value.equals(StrictJson.NULL) ? NullNode.instance : value;
        };
    }
}
