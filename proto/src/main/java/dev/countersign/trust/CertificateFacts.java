package dev.countersign.trust;

import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * What a certificate says, read once and strictly from its bytes ({@link CertificateReader}); whether
 * that is acceptable is for {@link LeafRules} and {@link IssuerRules} to say.
 *
 * <p>The JDK's own reading is not asked for: its getters answer "absent" for a non-critical extension
 * that they cannot parse, and it builds a key and every name of a certificate that is then refused.
 * Here what cannot be read is {@link Refusal#CERTIFICATE_MALFORMED}: an unreadable restriction is not
 * the absence of one.
 *
 * @param subject DER of the name; compared byte by byte, as Go and SPIRE do
 * @param issuer DER of the name
 * @param serial lower-case hex, no leading zeros
 * @param subjectPublicKeyInfo DER
 * @param signatureOid dotted
 * @param signed the TBSCertificate, exactly as signed
 * @param uris every URI SAN, in order, as written
 * @param nameForms GeneralName tags (0 to 8) that the SAN holds
 * @param pathLength -1 = not a CA; {@link Integer#MAX_VALUE} = a CA without a limit
 * @param extendedKeyUsage OIDs; absent = the extension is absent
 * @param issuerKeyId lower-case hex authority key identifier; empty when there is none
 * @param subjectKeyId lower-case hex subject key identifier; empty when there is none
 */
record CertificateFacts(
        byte[] encoded,
        byte[] subject,
        byte[] issuer,
        String serial,
        Instant notBefore,
        Instant notAfter,
        byte[] subjectPublicKeyInfo,
        String signatureOid,
        byte[] signed,
        byte[] signature,
        List<String> uris,
        Set<Integer> nameForms,
        int pathLength,
        Optional<KeyUsage> keyUsage,
        Optional<List<String>> extendedKeyUsage,
        Optional<NameConstraints> nameConstraints,
        String issuerKeyId,
        String subjectKeyId,
        Set<String> criticalExtensions) {
    /** X.509 certificates that the mesh meets are under 2 KiB; a long RSA chain stays under this. */
    static final int MAX_ENCODED = 16 * 1024;

    static final String SUBJECT_KEY_ID = "2.5.29.14";
    static final String KEY_USAGE = "2.5.29.15";
    static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    static final String BASIC_CONSTRAINTS = "2.5.29.19";
    static final String NAME_CONSTRAINTS = "2.5.29.30";
    static final String AUTHORITY_KEY_ID = "2.5.29.35";
    static final String EXTENDED_KEY_USAGE = "2.5.29.37";

    private static final int EMPTY_NAME_LENGTH = 2;

    /** The three bits that decide what a certificate is for (RFC 5280, section 4.2.1.3). */
    record KeyUsage(boolean digitalSignature, boolean keyCertSign, boolean crlSign) {}

    /**
     * Reads a certificate. {@code what} names it in messages: "leaf", "issuer", "root".
     *
     * @throws TrustRefused CERTIFICATE_TOO_LARGE, or CERTIFICATE_MALFORMED for anything unreadable
     */
    static CertificateFacts read(X509Certificate certificate, String what) throws TrustRefused {
        byte[] encoded = encoded(certificate, what);
        try {
            return CertificateReader.read(encoded);
        } catch (CertificateParsingException | RuntimeException unreadable) {
            // Times and names that do not exist are said so unchecked.
            throw malformed(unreadable, what);
        }
    }

    /**
     * The bytes of a certificate.
     *
     * @throws TrustRefused CERTIFICATE_TOO_LARGE, or CERTIFICATE_MALFORMED when it has none
     */
    static byte[] encoded(X509Certificate certificate, String what) throws TrustRefused {
        try {
            byte[] encoded = certificate.getEncoded();
            if (encoded.length > MAX_ENCODED) {
                throw new TrustRefused(
                        Refusal.CERTIFICATE_TOO_LARGE,
                        what + ": " + encoded.length + " bytes (expected: <= " + MAX_ENCODED + ")");
            }
            return encoded;
        } catch (CertificateEncodingException | RuntimeException unreadable) {
            // A lazily parsed certificate (as TLS libraries hand out) may throw unchecked.
            throw malformed(unreadable, what);
        }
    }

    /** The subject as text; it was found to be a name when it was read. */
    String subjectName() {
        return new X500Principal(subject).getName();
    }

    /**
     * The key, for checking what it signed: of an issuer. {@code what} as above.
     *
     * @throws TrustRefused KEY_WEAK when no provider takes it
     */
    PublicKey publicKey(String what) throws TrustRefused {
        return KeyRules.key(subjectPublicKeyInfo, what);
    }

    boolean isCa() {
        return pathLength >= 0;
    }

    boolean hasEmptySubject() {
        return subject.length <= EMPTY_NAME_LENGTH;
    }

    /** Subject and issuer are the same name; such a certificate does not use up path length. */
    boolean isSelfIssued() {
        return Arrays.equals(subject, issuer);
    }

    boolean isCritical(String oid) {
        return criticalExtensions.contains(oid);
    }

    private static TrustRefused malformed(Exception unreadable, String what) {
        return new TrustRefused(
                Refusal.CERTIFICATE_MALFORMED,
                what + ": " + unreadable.getMessage() + " (expected: a DER certificate)",
                unreadable);
    }
}
