package dev.countersign.jwt;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Signs tokens with the JDK alone, so that the library under test does not check itself. */
final class TestIssuer {
    static final String ISSUER = "https://issuer.test";
    static final TestIssuer RSA = of("RSA", 2048);
    static final TestIssuer P256 = of("P-256", 0);
    static final TestIssuer P384 = of("P-384", 0);
    static final TestIssuer P521 = of("P-521", 0);
    static final TestIssuer ED25519 = of("Ed25519", 0);

    private final String kind;
    private final KeyPair pair;

    private TestIssuer(String kind, KeyPair pair) {
        this.kind = kind;
        this.pair = pair;
    }

    static TestIssuer of(String kind, int bits) {
        try {
            KeyPairGenerator generator =
                    KeyPairGenerator.getInstance(kind.startsWith("P-") ? "EC" : kind);
            switch (kind) {
                case "RSA" -> generator.initialize(bits);
                case "Ed25519" -> {}
                default ->
                        generator.initialize(
                                new ECGenParameterSpec(kind.replace("P-", "secp") + "r1"));
            }
            return new TestIssuer(kind, generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public key as a JWK by this id; null: without. */
    JWK jwk(String id) {
        return switch (kind) {
            case "RSA" ->
                    new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                            .keyID(id)
                            .keyUse(KeyUse.SIGNATURE)
                            .build();
            case "Ed25519" -> {
                byte[] encoded = pair.getPublic().getEncoded();
                yield new com.nimbusds.jose.jwk.OctetKeyPair.Builder(
                                Curve.Ed25519,
                                Base64URL.encode(
                                        Arrays.copyOfRange(
                                                encoded, encoded.length - 32, encoded.length)))
                        .keyID(id)
                        .build();
            }
            default ->
                    new ECKey.Builder(Curve.parse(kind), (ECPublicKey) pair.getPublic())
                            .keyID(id)
                            .build();
        };
    }

    /** A set with a secret in it. */
    JWK jwkWithPrivateKey(String id) {
        return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                .privateKey((java.security.interfaces.RSAPrivateKey) pair.getPrivate())
                .keyID(id)
                .build();
    }

    static String jwks(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(false);
    }

    String sign(String header, String payload) {
        String input = base64(header) + "." + base64(payload);
        return input + "." + Base64URL.encode(signature(algorithm(header), input));
    }

    static String base64(String text) {
        return Base64URL.encode(text).toString();
    }

    private static String algorithm(String header) {
        int from = header.indexOf("\"alg\":\"") + 7;
        return header.substring(from, header.indexOf('"', from));
    }

    private byte[] signature(String algorithm, String input) {
        try {
            String bits = algorithm.substring(2);
            Signature signer =
                    switch (algorithm.substring(0, 2)) {
                        case "RS" -> Signature.getInstance("SHA" + bits + "withRSA");
                        case "PS" -> pss(bits);
                        case "ES" -> Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
                        default -> Signature.getInstance("Ed25519");
                    };
            signer.initSign((PrivateKey) pair.getPrivate());
            signer.update(input.getBytes(StandardCharsets.US_ASCII));
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Signature pss(String bits) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("RSASSA-PSS");
        signer.setParameter(
                new PSSParameterSpec(
                        "SHA-" + bits,
                        "MGF1",
                        new MGF1ParameterSpec("SHA-" + bits),
                        Integer.parseInt(bits) / 8,
                        1));
        return signer;
    }

    /** All of them. */
    static List<TestIssuer> all() {
        return new ArrayList<>(List.of(RSA, P256, P384, P521, ED25519));
    }

    String kind() {
        return kind;
    }
}
