package dev.countersign.server.authority.approval;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Keys that operators approve with: P-256, or Ed25519 as hardware tokens have it. */
public final class OperatorKeys {
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int MAX_CHARS = 4096;
    private static final int P256_BITS = 256;

    private OperatorKeys() {}

    /**
     * Reads one public key.
     *
     * @param pem SubjectPublicKeyInfo
     * @throws IllegalArgumentException unless it is exactly one P-256 or Ed25519 key
     */
    public static PublicKey parse(String pem) {
        String text = pem.strip();
        if (text.length() > MAX_CHARS || !text.startsWith(BEGIN) || !text.endsWith(END)) {
            throw malformed("no " + BEGIN);
        }
        String body = text.substring(BEGIN.length(), text.length() - END.length());
        byte[] encoded;
        try {
            encoded = Base64.getDecoder().decode(body.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw malformed("no base64");
        }
        for (String algorithm : List.of("EC", "Ed25519")) {
            try {
                PublicKey key =
                        KeyFactory.getInstance(algorithm)
                                .generatePublic(new X509EncodedKeySpec(encoded));
                signatureAlgorithm(key);
                return key;
            } catch (GeneralSecurityException anotherKind) {
                // Perhaps the next one reads it.
            }
        }
        throw malformed("another kind of key");
    }

    /**
     * JCA name of what the key signs with.
     *
     * @throws IllegalArgumentException when it is neither P-256 nor Ed25519
     */
    public static String signatureAlgorithm(PublicKey key) {
        if (key instanceof EdECPublicKey edwards
                && edwards.getParams().getName().equals("Ed25519")) {
            return "Ed25519";
        }
        if (key instanceof ECPublicKey curve
                && curve.getParams().getOrder().bitLength() == P256_BITS) {
            return "SHA256withECDSA";
        }
        throw malformed("another kind of key");
    }

    private static IllegalArgumentException malformed(String found) {
        return new IllegalArgumentException(
                "operator key: " + found + " (expected: PEM of a P-256 or Ed25519 public key)");
    }
}
