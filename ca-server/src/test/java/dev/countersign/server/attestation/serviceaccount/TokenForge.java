package dev.countersign.server.attestation.serviceaccount;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.server.attestation.BearerToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Makes tokens as good or as bad as a test wants, down to the last byte. */
public final class TokenForge {
    public static final String ISSUER = "https://issuer.test";
    public static final String KID = "key-1";
    public static final RSAKey RSA = rsa(KID, 2048);

    private TokenForge() {}

    public static RSAKey rsa(String kid, int bits) {
        try {
            return new RSAKeyGenerator(bits, true).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static ECKey ec(String kid, Curve curve) {
        try {
            return new ECKeyGenerator(curve).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String jwks(JWK... keys) {
        return new JWKSet(Arrays.asList(keys)).toPublicJWKSet().toString();
    }

    /** The claims that Kubernetes writes, good for an hour from a minute before {@code now}. */
    public static Map<String, Object> claims(Instant now) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", Arrays.asList("countersign"));
        claims.put("exp", now.getEpochSecond() + 3540);
        claims.put("iat", now.getEpochSecond() - 60);
        claims.put("iss", ISSUER);
        claims.put("jti", "b3b2ee1c-3f1a-4a0e-9b0c-0b3a5a3c9b57");
        claims.put(
                "kubernetes.io",
                object(
                        "namespace", "shop",
                        "node", object("name", "node-1", "uid", "9d1f6f0c-1"),
                        "pod", object("name", "web-0", "uid", "6a1f-pod"),
                        "serviceaccount", object("name", "web", "uid", "77aa-sa")));
        claims.put("nbf", now.getEpochSecond() - 60);
        claims.put("sub", "system:serviceaccount:shop:web");
        return claims;
    }

    public static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    @SuppressWarnings("unchecked") // the maps above are the only ones there are
    public static Map<String, Object> at(Map<String, Object> claims, String... path) {
        Map<String, Object> at = claims;
        for (String name : path) {
            at = (Map<String, Object>) Objects.requireNonNull(at.get(name), name);
        }
        return at;
    }

    public static BearerToken good(Instant now) {
        return edited(now, claims -> {});
    }

    /** A properly signed token whose claims were changed before signing. */
    public static BearerToken edited(Instant now, Consumer<Map<String, Object>> edit) {
        Map<String, Object> claims = claims(now);
        edit.accept(claims);
        return signed("{\"alg\":\"RS256\",\"kid\":\"" + KID + "\"}", json(claims), RSA);
    }

    /** Signs whatever header and payload with the key, as its header's algorithm says. */
    public static BearerToken signed(String header, String payload, JWK key) {
        String input = base64(header) + "." + base64(payload);
        try {
            JWSAlgorithm algorithm = JWSAlgorithm.parse(text(header, "alg"));
            JWSSigner signer =
                    key instanceof RSAKey rsa
                            ? new RSASSASigner(rsa.toPrivateKey(), true)
                            : new ECDSASigner((ECKey) key);
            Base64URL signature =
                    signer.sign(
                            new JWSHeader(algorithm), input.getBytes(StandardCharsets.US_ASCII));
            return new BearerToken(input + "." + signature);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The classic confusion: an HMAC keyed with the bytes of the public key. */
    public static BearerToken hmacWithPublicKey(Instant now) {
        String input =
                base64("{\"alg\":\"HS256\",\"kid\":\"" + KID + "\"}")
                        + "."
                        + base64(json(claims(now)));
        try {
            Base64URL mac =
                    new MACSigner(RSA.toRSAPublicKey().getEncoded())
                            .sign(
                                    new JWSHeader(JWSAlgorithm.HS256),
                                    input.getBytes(StandardCharsets.US_ASCII));
            return new BearerToken(input + "." + mac);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String base64(String text) {
        return Base64URL.encode(text).toString();
    }

    public static String json(Map<String, Object> claims) {
        try {
            return new ObjectMapper().writeValueAsString(claims);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String json, String name) {
        try {
            return new ObjectMapper().readTree(json).get(name).asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
