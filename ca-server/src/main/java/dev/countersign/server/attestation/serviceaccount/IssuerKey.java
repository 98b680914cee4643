package dev.countersign.server.attestation.serviceaccount;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import dev.countersign.server.attestation.serviceaccount.SignatureAlgorithm.KeyKind;
import dev.countersign.trust.NativeCrypto;
import java.math.BigInteger;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One public key of an issuer, ready to check signatures. Safe for many threads. */
final class IssuerKey {
    /** NIST SP 800-131A: less than 112 bits of strength is disallowed. */
    private static final int MIN_RSA_BITS = 2048;

    /** More is slow to check, and nobody uses it. */
    private static final int MAX_RSA_BITS = 8192;

    private static final BigInteger MIN_RSA_EXPONENT = BigInteger.valueOf(65537);
    private static final int MAX_RSA_EXPONENT_BITS = 32;

    /** What the verifiers want to be told; they read nothing else from it. */
    private static final Map<SignatureAlgorithm, JWSHeader> HEADERS = headers();

    private final KeyKind kind;
    private final Optional<String> onlyAlgorithm;
    private final JWSVerifier verifier;

    private IssuerKey(KeyKind kind, Optional<String> onlyAlgorithm, JWSVerifier verifier) {
        this.kind = kind;
        this.onlyAlgorithm = onlyAlgorithm;
        this.verifier = verifier;
    }

    /** @throws Unusable when it is not a key that any listed algorithm may use */
    static IssuerKey of(JWK jwk) throws Unusable {
        Optional<String> algorithm = Optional.ofNullable(jwk.getAlgorithm()).map(Object::toString);
        try {
            return switch (jwk) {
                case RSAKey rsa -> new IssuerKey(KeyKind.RSA, algorithm, verifier(rsa));
                case ECKey ec -> new IssuerKey(kind(ec.getCurve()), algorithm, verifier(ec));
                default ->
                        throw new Unusable("kty: " + jwk.getKeyType() + " (expected: RSA or EC)");
            };
        } catch (JOSEException e) {
            throw new Unusable("key: not usable: " + e.getMessage());
        }
    }

    /** Whether this key made the signature. */
    boolean signed(ParsedToken token) throws AttestationRefused {
        SignatureAlgorithm algorithm = token.algorithm();
        boolean fits =
                algorithm.keyKind() == kind
                        && (onlyAlgorithm.isEmpty()
                                || onlyAlgorithm.get().equals(algorithm.name()));
        if (!fits) {
            throw new AttestationRefused(
                    Reason.TOKEN_ALGORITHM,
                    "alg: "
                            + algorithm
                            + " (expected: "
                            + onlyAlgorithm.orElse("one for a key of kind " + kind)
                            + ")");
        }
        try {
            return verifier.verify(
                    Objects.requireNonNull(HEADERS.get(algorithm)),
                    token.signingInput(),
                    new Base64URL(token.signature()));
        } catch (JOSEException e) {
            return false; // a signature of the wrong shape: nothing else can fail once the key is
            // set
        }
    }

    private static JWSVerifier verifier(RSAKey jwk) throws JOSEException, Unusable {
        RSAPublicKey key = jwk.toRSAPublicKey();
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new Unusable(
                    "n: "
                            + bits
                            + " bits (expected: "
                            + MIN_RSA_BITS
                            + " to "
                            + MAX_RSA_BITS
                            + ")");
        }
        BigInteger exponent = key.getPublicExponent();
        if (!exponent.testBit(0)
                || exponent.compareTo(MIN_RSA_EXPONENT) < 0
                || exponent.bitLength() > MAX_RSA_EXPONENT_BITS) {
            throw new Unusable("e: odd choice (expected: odd, 65537 to 2^32)");
        }
        RSASSAVerifier verifier = new RSASSAVerifier((RSAPublicKey) NativeCrypto.nativeKey(key));
        return natively(verifier);
    }

    private static JWSVerifier verifier(ECKey jwk) throws JOSEException {
        // The verifier checks that the point is on the curve (RFC 7518, section 6.2.1).
        ECDSAVerifier verifier =
                new ECDSAVerifier((ECPublicKey) NativeCrypto.nativeKey(jwk.toECPublicKey()));
        return natively(verifier);
    }

    private static JWSVerifier natively(JWSVerifier verifier) {
        if (NativeCrypto.isNative()) {
            verifier.getJCAContext().setProvider(NativeCrypto.signatureProvider());
        }
        return verifier;
    }

    private static KeyKind kind(Curve curve) throws Unusable {
        if (curve.equals(Curve.P_256)) {
            return KeyKind.P256;
        }
        if (curve.equals(Curve.P_384)) {
            return KeyKind.P384;
        }
        if (curve.equals(Curve.P_521)) {
            return KeyKind.P521;
        }
        throw new Unusable("crv: " + curve + " (expected: P-256, P-384 or P-521)");
    }

    private static Map<SignatureAlgorithm, JWSHeader> headers() {
        Map<SignatureAlgorithm, JWSHeader> headers = new EnumMap<>(SignatureAlgorithm.class);
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            headers.put(algorithm, new JWSHeader(JWSAlgorithm.parse(algorithm.name())));
        }
        return headers;
    }

    /** A key that no listed algorithm may use; the message says why. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

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
