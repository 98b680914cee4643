package dev.countersign.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksTest {
    private static final String GOOD = TestIssuer.P256.jwk("good").toJSONString();
    private static final String OCT =
            "{\"kty\":\"oct\",\"kid\":\"s\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0LXNlY3JldC1zZWNyZXQ\"}";

    @Test
    void keysThatCannotCheckASignatureAreLeftOutWithTheReason() throws JwksRefused {
        String rsa = TestIssuer.RSA.jwk("r").toJSONString();
        Jwks jwks =
                Jwks.parse(
                        set(
                                GOOD,
                                OCT,
                                TestIssuer.RSA.jwkWithPrivateKey("p").toJSONString(),
                                rsa.replace("\"sig\"", "\"enc\""),
                                GOOD,
                                "{\"kty\":\"XYZ\",\"kid\":\"x\"}",
                                TestIssuer.of("RSA", 1024).jwk("weak").toJSONString(),
                                "7"));

        assertThat(jwks.size()).isOne();
        assertThat(jwks.leftOut()).hasSize(7);
        assertThat(jwks.leftOut().get("keys[1]")).contains("a secret");
        assertThat(jwks.leftOut().get("keys[2]")).contains("a secret");
        assertThat(jwks.leftOut().get("keys[3]")).contains("use: not sig");
        assertThat(jwks.leftOut().get("keys[4]")).contains("stands there already");
        assertThat(jwks.leftOut().get("keys[6]")).contains("1024 bits");
    }

    @Test
    void tenThousandKeysAreRefused() {
        String many =
                IntStream.range(0, 10_000).mapToObj(i -> "{}").collect(Collectors.joining(","));

        assertThatThrownBy(() -> Jwks.parse("{\"keys\":[" + many + "]}"))
                .isInstanceOf(JwksRefused.class)
                .hasMessageContaining("keys: 10000 (expected: at most 100)");
        assertThatThrownBy(() -> Jwks.parse("{\"keys\":[\"" + "x".repeat(600_000) + "\"]}"))
                .isInstanceOf(JwksRefused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"keys\":7}",
                "{\"keys\":[]}",
                "{\"keys\":[],\"keys\":[]}",
                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}]}"
            })
    void aSetWithoutAUsableKeyIsRefused(String document) {
        assertThatThrownBy(() -> Jwks.parse(document)).isInstanceOf(JwksRefused.class);
    }

    @Test
    void whatIsPassedOnHoldsNoSecretsAndNothingUnneeded() throws JwksRefused {
        String secret = TestIssuer.RSA.jwkWithPrivateKey("p").toJSONString();
        String passed =
                Jwks.parse(set(GOOD, OCT, secret, TestIssuer.ED25519.jwk("e").toJSONString()))
                        .publicDocument();

        assertThat(passed).contains("good", "Ed25519").doesNotContain("\"d\":", "c2VjcmV0");
        assertThat(Jwks.parse(passed).size()).isEqualTo(2);
        assertThat(Jwks.parse(passed).publicDocument()).isEqualTo(passed);
    }

    private static String set(String... keys) {
        return "{\"keys\":[" + String.join(",", keys) + "]}";
    }
}
