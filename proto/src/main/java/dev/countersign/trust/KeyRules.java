package dev.countersign.trust;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Which keys and signature algorithms are strong enough: a list of what is allowed, no more. */
final class KeyRules {
    /** JCA names by the OID in the certificate. RSA-PSS is left out: its hash hides in parameters. */
    private static final Map<String, String> SIGNATURES =
            Map.of(
                    "1.2.840.10045.4.3.2", "SHA256withECDSA",
                    "1.2.840.10045.4.3.3", "SHA384withECDSA",
                    "1.2.840.10045.4.3.4", "SHA512withECDSA",
                    "1.2.840.113549.1.1.11", "SHA256withRSA",
                    "1.2.840.113549.1.1.12", "SHA384withRSA",
                    "1.2.840.113549.1.1.13", "SHA512withRSA",
                    "1.3.101.112", "Ed25519");

    /** JCA names of the kinds of key by the OID in the key. */
    private static final Map<String, String> ALGORITHMS =
            Map.of(
                    "1.2.840.10045.2.1", "EC",
                    "1.2.840.113549.1.1.1", "RSA",
                    "1.3.101.112", "Ed25519");

    /** SubjectPublicKeyInfo up to the point's X: a named curve and an uncompressed point. */
    private static final byte[] P256 =
            hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private static final byte[] P384 = hex("3076301006072a8648ce3d020106052b8104002203620004");
    private static final byte[] P521 = hex("30819b301006072a8648ce3d020106052b810400230381860004");
    private static final byte[] ED25519 = hex("302a300506032b6570032100");

    private static final List<KeyForm> FORMS =
            List.of(
                    new KeyForm(P256, 91),
                    new KeyForm(P384, 120),
                    new KeyForm(P521, 158),
                    new KeyForm(ED25519, 44));

    private static final int MIN_RSA_BITS = 2048;

    /** A verifier's work grows with the square of this. */
    private static final int MAX_RSA_BITS = 8192;

    /** FIPS 186-5, section A.1.1: 2^16 < e < 2^256, odd. */
    private static final BigInteger MIN_EXPONENT = BigInteger.valueOf(65537);

    private static final int MAX_EXPONENT_BITS = 64;

    private KeyRules() {}

    /**
     * The JCA name of the algorithm.
     *
     * @throws TrustRefused SIGNATURE_ALGORITHM_WEAK for MD5, SHA-1 and anything not listed
     */
    static String signatureAlgorithm(String oid, String what) throws TrustRefused {
        String name = SIGNATURES.get(oid);
        if (name == null) {
            throw new TrustRefused(
                    Refusal.SIGNATURE_ALGORITHM_WEAK,
                    what
                            + ": signed with "
                            + oid
                            + " (expected: ECDSA or RSA with SHA-2, Ed25519)");
        }
        return name;
    }

    /** Refuses KEY_WEAK anything but P-256, P-384, P-521, Ed25519 and sound RSA of 2048 bits up. */
    static void checkKey(PublicKey key, String what) throws TrustRefused {
        boolean strong = key instanceof RSAPublicKey rsa ? isStrong(rsa) : isListed(key);
        if (!strong) {
            throw new TrustRefused(
                    Refusal.KEY_WEAK,
                    what
                            + ": key "
                            + describe(key)
                            + " (expected: P-256, P-384, P-521, Ed25519 or RSA of 2048 to 8192 bits"
                            + " with an odd exponent >= 65537)");
        }
    }

    /** As {@link #checkKey(PublicKey, String)}; of a listed kind no key is made. */
    static void checkKey(byte[] subjectPublicKeyInfo, String what) throws TrustRefused {
        if (!isListed(subjectPublicKeyInfo)) {
            checkKey(key(subjectPublicKeyInfo, what), what);
        }
    }

    /**
     * The key of a SubjectPublicKeyInfo.
     *
     * @throws TrustRefused KEY_WEAK when it is of no kind that is known here, or not a key of its kind
     */
    static PublicKey key(byte[] subjectPublicKeyInfo, String what) throws TrustRefused {
        try {
            String oid = Der.of(subjectPublicKeyInfo).enter(Der.SEQUENCE).enter(Der.SEQUENCE).oid();
            String algorithm = ALGORITHMS.get(oid);
            if (algorithm != null) {
                return KeyFactory.getInstance(algorithm)
                        .generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
            }
            throw new TrustRefused(
                    Refusal.KEY_WEAK,
                    what + ": key of kind " + oid + " (expected: EC, RSA or Ed25519)");
        } catch (TrustRefused unknown) {
            throw unknown;
        } catch (GeneralSecurityException unreadable) {
            throw new TrustRefused(
                    Refusal.KEY_WEAK,
                    what + ": key: " + unreadable.getMessage() + " (expected: a public key)",
                    unreadable);
        }
    }

    /** Bundles and snapshots are signed with P-256 only. */
    static boolean isP256(PublicKey key) {
        return FORMS.getFirst().matches(key.getEncoded());
    }

    private static boolean isStrong(RSAPublicKey rsa) {
        int bits = rsa.getModulus().bitLength();
        BigInteger exponent = rsa.getPublicExponent();
        return bits >= MIN_RSA_BITS
                && bits <= MAX_RSA_BITS
                && rsa.getModulus().testBit(0)
                && exponent.testBit(0)
                && exponent.compareTo(MIN_EXPONENT) >= 0
                && exponent.bitLength() <= MAX_EXPONENT_BITS;
    }

    private static boolean isListed(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return encoded != null && isListed(encoded);
    }

    private static boolean isListed(byte[] subjectPublicKeyInfo) {
        for (KeyForm form : FORMS) {
            if (form.matches(subjectPublicKeyInfo)) {
                return true;
            }
        }
        return false;
    }

    private static String describe(PublicKey key) {
        return key instanceof RSAPublicKey rsa
                ? "RSA of " + rsa.getModulus().bitLength() + " bits"
                : key.getAlgorithm();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private record KeyForm(byte[] prefix, int length) {
        boolean matches(byte[] encoded) {
            return encoded.length == length
                    && Arrays.equals(encoded, 0, prefix.length, prefix, 0, prefix.length);
        }
    }
}
