package dev.countersign.server.x509;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * Signature algorithms that are accepted and made, each known by the exact bytes of its
 * AlgorithmIdentifier: what is not on this list (MD5, SHA-1, odd PSS parameters, a NULL where none
 * belongs) is refused. RFC 5758 (ECDSA), RFC 4055 (RSA), RFC 8410 (Ed25519).
 */
public enum SignatureScheme {
    ECDSA_SHA256("EC", "SHA256withECDSA"),
    ECDSA_SHA384("EC", "SHA384withECDSA"),
    ECDSA_SHA512("EC", "SHA512withECDSA"),
    RSA_SHA256("RSA", "SHA256withRSA"),
    RSA_SHA384("RSA", "SHA384withRSA"),
    RSA_SHA512("RSA", "SHA512withRSA"),
    RSA_PSS_SHA256("RSA", "RSASSA-PSS"),
    RSA_PSS_SHA384("RSA", "RSASSA-PSS"),
    RSA_PSS_SHA512("RSA", "RSASSA-PSS"),
    ED25519("Ed25519", "Ed25519");

    private static final Map<ByteBuffer, SignatureScheme> BY_ENCODING = byEncoding();
    private static final Map<SignatureScheme, byte[]> ENCODINGS = encodings();

    private final String keyAlgorithm;
    private final String jcaName;

    SignatureScheme(String keyAlgorithm, String jcaName) {
        this.keyAlgorithm = keyAlgorithm;
        this.jcaName = jcaName;
    }

    /** The scheme of exactly these AlgorithmIdentifier bytes. */
    static Optional<SignatureScheme> ofEncoding(byte[] algorithmIdentifier) {
        return Optional.ofNullable(BY_ENCODING.get(ByteBuffer.wrap(algorithmIdentifier)));
    }

    /**
     * The scheme that a key of ours signs certificates with.
     *
     * @throws IllegalArgumentException for a key that signs no certificates here
     */
    public static SignatureScheme of(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            return switch (ec.getParams().getOrder().bitLength()) {
                case 256 -> ECDSA_SHA256;
                case 384 -> ECDSA_SHA384;
                default -> throw unusable(key);
            };
        }
        return switch (key.getAlgorithm()) {
            case "RSA" -> RSA_SHA256;
            case "EdDSA", "Ed25519" -> ED25519;
            default -> throw unusable(key);
        };
    }

    /** JCA name, for instance {@code SHA256withECDSA}. */
    public String jcaName() {
        return jcaName;
    }

    /** {@code EC}, {@code RSA} or {@code Ed25519}. */
    String keyAlgorithm() {
        return keyAlgorithm;
    }

    /** DER AlgorithmIdentifier; of PSS with explicit NULL parameters of the hash. */
    public byte[] encoding() {
        return Objects.requireNonNull(ENCODINGS.get(this)).clone();
    }

    /**
     * Checks a signature.
     *
     * @return false when it does not verify, however it is broken
     */
    boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = Arithmetic.signature(jcaName);
            PSSParameterSpec pss = pssParameters();
            if (pss != null) {
                verifier.setParameter(pss);
            }
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (InvalidKeyException | java.security.SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signature algorithm: " + jcaName, e);
        }
    }

    private static IllegalArgumentException unusable(PublicKey key) {
        return new IllegalArgumentException(
                "issuer key: "
                        + key.getAlgorithm()
                        + " (expected: EC P-256, EC P-384, RSA or Ed25519)");
    }

    private static Map<SignatureScheme, byte[]> encodings() {
        Map<SignatureScheme, byte[]> encodings = new EnumMap<>(SignatureScheme.class);
        for (SignatureScheme scheme : values()) {
            encodings.put(scheme, encode(scheme.identifier(true)));
        }
        return encodings;
    }

    private static Map<ByteBuffer, SignatureScheme> byEncoding() {
        Map<ByteBuffer, SignatureScheme> known = new HashMap<>();
        for (SignatureScheme scheme : values()) {
            known.put(ByteBuffer.wrap(encode(scheme.identifier(true))), scheme);
            known.put(ByteBuffer.wrap(encode(scheme.identifier(false))), scheme);
        }
        return Map.copyOf(known);
    }

    private static byte[] encode(AlgorithmIdentifier identifier) {
        try {
            return identifier.getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AlgorithmIdentifier identifier(boolean nullInHash) {
        return switch (this) {
            case ECDSA_SHA256 -> new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
            case ECDSA_SHA384 -> new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384);
            case ECDSA_SHA512 -> new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA512);
            case RSA_SHA256 -> rsa(PKCSObjectIdentifiers.sha256WithRSAEncryption);
            case RSA_SHA384 -> rsa(PKCSObjectIdentifiers.sha384WithRSAEncryption);
            case RSA_SHA512 -> rsa(PKCSObjectIdentifiers.sha512WithRSAEncryption);
            case RSA_PSS_SHA256 -> pss(NISTObjectIdentifiers.id_sha256, 32, nullInHash);
            case RSA_PSS_SHA384 -> pss(NISTObjectIdentifiers.id_sha384, 48, nullInHash);
            case RSA_PSS_SHA512 -> pss(NISTObjectIdentifiers.id_sha512, 64, nullInHash);
            case ED25519 -> new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519);
        };
    }

    private static AlgorithmIdentifier rsa(ASN1ObjectIdentifier algorithm) {
        return new AlgorithmIdentifier(algorithm, DERNull.INSTANCE);
    }

    private static AlgorithmIdentifier pss(
            ASN1ObjectIdentifier hash, int saltLength, boolean nullInHash) {
        // RFC 4055 section 2.1: both forms of the hash's parameters must be accepted.
        AlgorithmIdentifier digest =
                nullInHash
                        ? new AlgorithmIdentifier(hash, DERNull.INSTANCE)
                        : new AlgorithmIdentifier(hash);
        ASN1Encodable parameters =
                new RSASSAPSSparams(
                        digest,
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, digest),
                        new ASN1Integer(saltLength),
                        RSASSAPSSparams.DEFAULT_TRAILER_FIELD);
        return new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, parameters);
    }

    private @Nullable PSSParameterSpec pssParameters() {
        return switch (this) {
            case RSA_PSS_SHA256 -> pssParameters("SHA-256", MGF1ParameterSpec.SHA256, 32);
            case RSA_PSS_SHA384 -> pssParameters("SHA-384", MGF1ParameterSpec.SHA384, 48);
            case RSA_PSS_SHA512 -> pssParameters("SHA-512", MGF1ParameterSpec.SHA512, 64);
            case ECDSA_SHA256,
                    ECDSA_SHA384,
                    ECDSA_SHA512,
                    RSA_SHA256,
                    RSA_SHA384,
                    RSA_SHA512,
                    ED25519 ->
                    null;
        };
    }

    private static PSSParameterSpec pssParameters(
            String hash, MGF1ParameterSpec mgf, int saltLength) {
        return new PSSParameterSpec(
                hash, "MGF1", mgf, saltLength, PSSParameterSpec.TRAILER_FIELD_BC);
    }
}
