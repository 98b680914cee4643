package dev.countersign.server.x509;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1OctetString;
import org.jspecify.annotations.Nullable;

/** Subject key identifiers: the leftmost 160 bits of SHA-256 of the key's bits (RFC 7093, method 1). */
public final class KeyIds {
    private static final int LENGTH = 20;
    private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";

    private KeyIds() {}

    /**
     * The identifier of a key, 20 bytes.
     *
     * @throws IllegalArgumentException when this is no DER SubjectPublicKeyInfo
     */
    public static byte[] of(byte[] subjectPublicKeyInfo) {
        return Arrays.copyOf(Arithmetic.sha256(bits(subjectPublicKeyInfo)), LENGTH);
    }

    /** What a key identifier is the hash of: the content of the BIT STRING, without its first octet. */
    static byte[] bits(byte[] subjectPublicKeyInfo) {
        try {
            Der.check(subjectPublicKeyInfo);
            DerView info = DerView.of(subjectPublicKeyInfo).enter(DerWriter.SEQUENCE);
            info.element();
            byte[] bits = info.read(DerWriter.BIT_STRING);
            return Arrays.copyOfRange(bits, 1, bits.length);
        } catch (Der.Malformed e) {
            throw new IllegalArgumentException("public key: " + e.getMessage(), e);
        }
    }

    /** The identifier of a key, 40 lower-case hex digits. */
    public static String hex(byte[] subjectPublicKeyInfo) {
        return HexFormat.of().formatHex(of(subjectPublicKeyInfo));
    }

    /**
     * The identifier a certificate says it has.
     *
     * @throws IllegalArgumentException when it has none: it cannot be an issuer of ours
     */
    public static byte[] ofCertificate(X509Certificate certificate) {
        byte @Nullable [] value = certificate.getExtensionValue(SUBJECT_KEY_IDENTIFIER);
        if (value == null) {
            throw new IllegalArgumentException(
                    "subject key identifier: none (expected: one, RFC 5280 section 4.2.1.2)");
        }
        byte[] inner = ASN1OctetString.getInstance(value).getOctets();
        return ASN1OctetString.getInstance(inner).getOctets();
    }

    /** As {@link #ofCertificate}, in lower-case hex. */
    public static String hexOfCertificate(X509Certificate certificate) {
        return HexFormat.of().formatHex(ofCertificate(certificate));
    }

    /** Lower-case hex SHA-256: the name of a key, a request or a certificate in logs and ledgers. */
    public static String sha256(byte[] bytes) {
        return Arithmetic.sha256Hex(bytes);
    }

    /** As {@link #sha256(byte[])}, of the whole certificate. */
    public static String sha256(X509Certificate certificate) {
        try {
            return Arithmetic.sha256Hex(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("certificate: does not encode (expected: DER)", e);
        }
    }
}
