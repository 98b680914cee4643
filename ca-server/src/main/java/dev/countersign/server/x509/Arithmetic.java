package dev.countersign.server.x509;

import dev.countersign.trust.NativeCrypto;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** Where arithmetic comes from; structures are Bouncy Castle's. */
final class Arithmetic {
    private Arithmetic() {}

    static Signature signature(String algorithm) throws NoSuchAlgorithmException {
        return NativeCrypto.signature(algorithm);
    }

    /**
     * A key from checked bytes.
     *
     * @param keyAlgorithm {@code EC}, {@code RSA} or {@code Ed25519}
     */
    static PublicKey publicKey(String keyAlgorithm, byte[] subjectPublicKeyInfo)
            throws GeneralSecurityException {
        Provider provider = NativeCrypto.signatureProvider();
        KeyFactory factory =
                provider.getService("KeyFactory", keyAlgorithm) == null
                        ? KeyFactory.getInstance(keyAlgorithm)
                        : KeyFactory.getInstance(keyAlgorithm, provider);
        return factory.generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256: missing (expected: in every JDK)", e);
        }
    }

    static String sha256Hex(byte[] bytes) {
        return HexFormat.of().formatHex(sha256(bytes));
    }

    static CertificateFactory certificateFactory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException e) {
            throw new IllegalStateException("X.509: missing (expected: in every JDK)", e);
        }
    }
}
