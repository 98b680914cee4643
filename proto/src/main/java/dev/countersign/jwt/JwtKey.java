package dev.countersign.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.trust.NativeCrypto;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** One public key of an issuer, ready to check signatures. Safe for many threads. */
final class JwtKey {
    /** NIST SP 800-131A: less than 112 bits of strength is disallowed. */
    private static final int MIN_RSA_BITS = 2048;

    /** More is slow to check, and nobody uses it. */
    private static final int MAX_RSA_BITS = 8192;

    private static final BigInteger MIN_RSA_EXPONENT = BigInteger.valueOf(65537);
    private static final int MAX_RSA_EXPONENT_BITS = 32;
    private static final int ED25519_BYTES = 32;

    /** What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410, section 4). */
    private static final byte[] ED25519_PREFIX =
            HexFormat.of().parseHex("302a300506032b6570032100");

    private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

    /** What the verifiers want to be told; they read nothing else from it. */
    private static final Map<JwtAlgorithm, JWSHeader> HEADERS = headers();

    private final String kind;
    private final Optional<String> onlyAlgorithm;
    private final Checker checker;

    private JwtKey(String kind, Optional<String> onlyAlgorithm, Checker checker) {
        this.kind = kind;
        this.onlyAlgorithm = onlyAlgorithm;
        this.checker = checker;
    }

    /**
     * @throws Unusable when it is not a key that any listed algorithm may use
     */
    static JwtKey of(JWK jwk) throws Unusable {
        Optional<String> algorithm = Optional.ofNullable(jwk.getAlgorithm()).map(Object::toString);
        try {
            return switch (jwk) {
                case RSAKey rsa -> new JwtKey("RSA", algorithm, byNimbus(verifier(rsa)));
                case ECKey ec -> new JwtKey(curve(ec), algorithm, byNimbus(verifier(ec)));
                case OctetKeyPair pair -> new JwtKey("Ed25519", algorithm, ed25519(pair));
                default ->
                        throw new Unusable(
                                "kty: " + jwk.getKeyType() + " (expected: RSA, EC or OKP)");
            };
        } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
            throw new Unusable("not a usable key: " + e.getClass().getSimpleName());
        }
    }

    boolean fits(JwtAlgorithm algorithm) {
        return algorithm.keyKind().equals(kind)
                && (onlyAlgorithm.isEmpty() || onlyAlgorithm.get().equals(algorithm.name()));
    }

    /** Whether this key made the signature; the algorithm must fit. */
    boolean signed(JwtAlgorithm algorithm, byte[] input, String signature) {
        return checker.check(algorithm, input, signature);
    }

    private static Checker byNimbus(JWSVerifier verifier) {
        return (algorithm, input, signature) -> {
            try {
                return verifier.verify(
                        Objects.requireNonNull(HEADERS.get(algorithm)),
                        input,
                        new Base64URL(signature));
            } catch (JOSEException e) {
                return false; // a signature of the wrong shape; the key has been settled
            }
        };
    }

    private static RSASSAVerifier verifier(RSAKey jwk) throws JOSEException, Unusable {
        RSAPublicKey key = jwk.toRSAPublicKey();
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new Unusable("n: " + bits + " bits (expected: 2048 to 8192)");
        }
        BigInteger exponent = key.getPublicExponent();
        if (!exponent.testBit(0)
                || exponent.compareTo(MIN_RSA_EXPONENT) < 0
                || exponent.bitLength() > MAX_RSA_EXPONENT_BITS) {
            throw new Unusable("e: odd choice (expected: odd, 65537 to 2^32)");
        }
        RSASSAVerifier verifier = new RSASSAVerifier((RSAPublicKey) NativeCrypto.nativeKey(key));
        if (NativeCrypto.isNative()) {
            verifier.getJCAContext().setProvider(NativeCrypto.signatureProvider());
        }
        return verifier;
    }

    private static ECDSAVerifier verifier(ECKey jwk) throws JOSEException {
        // The verifier checks that the point is on the curve (RFC 7518, section 6.2.1).
        ECDSAVerifier verifier =
                new ECDSAVerifier((ECPublicKey) NativeCrypto.nativeKey(jwk.toECPublicKey()));
        if (NativeCrypto.isNative()) {
            verifier.getJCAContext().setProvider(NativeCrypto.signatureProvider());
        }
        return verifier;
    }

    private static String curve(ECKey jwk) throws Unusable {
        if (!CURVES.contains(jwk.getCurve())) {
            throw new Unusable(
                    "crv: " + jwk.getCurve() + " (expected: P-256, P-384, P-521 or Ed25519)");
        }
        return jwk.getCurve().getName();
    }

    private static Checker ed25519(OctetKeyPair jwk) throws GeneralSecurityException, Unusable {
        byte[] point = jwk.getDecodedX();
        if (!Curve.Ed25519.equals(jwk.getCurve()) || point.length != ED25519_BYTES) {
            throw new Unusable("crv: " + jwk.getCurve() + " (expected: Ed25519 with 32 bytes)");
        }
        byte[] encoded = new byte[ED25519_PREFIX.length + ED25519_BYTES];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, ED25519_BYTES);
        PublicKey key =
                KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        return (algorithm, input, signature) -> {
            try {
                Signature verifier = Signature.getInstance("Ed25519");
                verifier.initVerify(key);
                verifier.update(input);
                return verifier.verify(new Base64URL(signature).decode());
            } catch (GeneralSecurityException e) {
                return false;
            }
        };
    }

    private static Map<JwtAlgorithm, JWSHeader> headers() {
        Map<JwtAlgorithm, JWSHeader> headers = new EnumMap<>(JwtAlgorithm.class);
        for (JwtAlgorithm algorithm : JwtAlgorithm.values()) {
            headers.put(algorithm, new JWSHeader(JWSAlgorithm.parse(algorithm.name())));
        }
        return headers;
    }

    /** Checks one signature. */
    private interface Checker {
        boolean check(JwtAlgorithm algorithm, byte[] input, String signature);
    }

    /** A key that no listed algorithm may use; the message says why. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        private final String message;

        Unusable(String message) {
            super(message, null, false, false);
            this.message = message;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }
}
