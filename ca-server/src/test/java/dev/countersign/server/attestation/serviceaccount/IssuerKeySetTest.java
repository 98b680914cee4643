package dev.countersign.server.attestation.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class IssuerKeySetTest {
    private static final String RSA = TokenForge.RSA.toPublicJWK().toJSONString();

    @Test
    void keysWithoutUseHereAreLeftOutWithTheReason() throws JwksUnavailable {
        String secp256k1 =
                "{\"kty\":\"EC\",\"kid\":\"k1\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\"}";
        String encryption = RSA.replace("\"kid\":\"key-1\"", "\"kid\":\"enc\",\"use\":\"enc\"");
        String weak = TokenForge.rsa("weak", 1024).toPublicJWK().toJSONString();
        String exponent3 = RSA.replace("\"e\":\"AQAB\"", "\"e\":\"Aw\"").replace("key-1", "e3");
        String nameless = RSA.replace("\"kid\":\"key-1\"", "\"x\":\"y\"");
        String future = "{\"kty\":\"PQ\",\"kid\":\"pq\"}";
        String offCurve =
                TokenForge.ec("off", Curve.P_256)
                        .toPublicJWK()
                        .toJSONString()
                        .replaceFirst("\"x\":\"....", "\"x\":\"AAAA");

        IssuerKeySet set =
                parse(RSA, secp256k1, encryption, weak, exponent3, nameless, future, offCurve);

        assertThat(set.keys()).containsOnlyKeys("key-1");
        assertThat(set.leftOut())
                .containsOnlyKeys(
                        "keys[1]", "keys[2]", "keys[3]", "keys[4]", "keys[5]", "keys[6]",
                        "keys[7]");
        assertThat(set.leftOut())
                .containsEntry("keys[2]", "use: not sig")
                .containsEntry("keys[3]", "n: 1024 bits (expected: 2048 to 8192)");
    }

    @Test
    void aSetWithASecretInItIsRefusedWithoutQuotingIt() {
        String secret = "{\"kty\":\"oct\",\"kid\":\"hmac\",\"k\":\"c2VjcmV0LXNlY3JldA\"}";
        String wholeKey = TokenForge.RSA.toJSONString();

        assertThatThrownBy(() -> parse(RSA, secret))
                .isInstanceOf(JwksUnavailable.class)
                .hasMessage("keys[1]: a secret key (expected: public keys only)")
                .hasMessageNotContaining("c2Vjcm");
        assertThatThrownBy(() -> parse(wholeKey)).hasMessageContaining("a secret key");
    }

    @Test
    void oneIdForTwoKeysIsRefused() {
        assertThatThrownBy(() -> parse(RSA, RSA)).hasMessageContaining("\"key-1\" twice");
    }

    @Test
    void tooManyKeysAreRefused() {
        String[] many = new String[11];
        Arrays.setAll(many, i -> RSA.replace("key-1", "key-" + i));

        assertThatThrownBy(() -> parse(many)).hasMessage("keys: 11 (expected: <= 10)");
    }

    @Test
    void whatIsNotAKeySetIsRefused() {
        assertThatThrownBy(() -> IssuerKeySet.parse(bytes("[]"), 10))
                .hasMessageContaining("not an object");
        assertThatThrownBy(() -> IssuerKeySet.parse(bytes("{}"), 10))
                .hasMessageContaining("keys: absent");
        assertThatThrownBy(() -> IssuerKeySet.parse(bytes("{\"keys\":[1]}"), 10))
                .hasMessageContaining("keys[0]: not an object");
        assertThatThrownBy(() -> IssuerKeySet.parse(bytes("{\"keys\":[],\"keys\":[]}"), 10))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> IssuerKeySet.parse(bytes(new JWKSet().toString()), 10))
                .hasMessageContaining("none usable");
    }

    private static IssuerKeySet parse(String... keys) throws JwksUnavailable {
        return IssuerKeySet.parse(bytes("{\"keys\":[" + String.join(",", keys) + "]}"), 10);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
