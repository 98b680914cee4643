package dev.countersign.trust;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate says, read once and strictly; whether that is acceptable is for {@link
 * LeafRules} and {@link IssuerRules} to say.
 *
 * <p>The JDK's getters answer "absent" for a non-critical extension that they cannot parse. Here it
 * is {@link Refusal#CERTIFICATE_MALFORMED}: an unreadable restriction is not the absence of one.
 *
 * @param subject DER of the name; compared byte by byte, as Go and SPIRE do
 * @param issuer DER of the name
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
        String subjectName,
        String serial,
        Instant notBefore,
        Instant notAfter,
        PublicKey publicKey,
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

    private static final int URI_FORM = 6;
    private static final int CONTEXT = 0x80;
    private static final int FORM_BITS = 0x1f;
    private static final int KEY_ID = CONTEXT;
    private static final int EMPTY_NAME_LENGTH = 2;

    /** The three bits that decide what a certificate is for (RFC 5280, section 4.2.1.3). */
    record KeyUsage(boolean digitalSignature, boolean keyCertSign, boolean crlSign) {
        private static final int DIGITAL_SIGNATURE_BIT = 0;
        private static final int KEY_CERT_SIGN_BIT = 5;
        private static final int CRL_SIGN_BIT = 6;

        static KeyUsage of(boolean[] bits) {
            return new KeyUsage(
                    at(bits, DIGITAL_SIGNATURE_BIT),
                    at(bits, KEY_CERT_SIGN_BIT),
                    at(bits, CRL_SIGN_BIT));
        }

        private static boolean at(boolean[] bits, int index) {
            return index < bits.length && bits[index];
        }
    }

    /**
     * Reads a certificate. {@code what} names it in messages: "leaf", "issuer", "root".
     *
     * @throws TrustRefused CERTIFICATE_TOO_LARGE, or CERTIFICATE_MALFORMED for anything unreadable
     */
    static CertificateFacts read(X509Certificate certificate, String what) throws TrustRefused {
        try {
            byte[] encoded = certificate.getEncoded();
            if (encoded.length > MAX_ENCODED) {
                throw new TrustRefused(
                        Refusal.CERTIFICATE_TOO_LARGE,
                        what + ": " + encoded.length + " bytes (expected: <= " + MAX_ENCODED + ")");
            }
            return read(certificate, encoded);
        } catch (TrustRefused refused) {
            throw refused;
        } catch (CertificateException | RuntimeException unreadable) {
            // A lazily parsed certificate (as TLS libraries hand out) throws unchecked on first
            // use.
            throw new TrustRefused(
                    Refusal.CERTIFICATE_MALFORMED,
                    what + ": " + unreadable.getMessage() + " (expected: a DER certificate)",
                    unreadable);
        }
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

    private static CertificateFacts read(X509Certificate certificate, byte[] encoded)
            throws CertificateException {
        List<String> uris = new ArrayList<>();
        Set<Integer> nameForms = new HashSet<>();
        readNames(certificate.getExtensionValue(SUBJECT_ALTERNATIVE_NAME), uris, nameForms);
        if (certificate.getSerialNumber().signum() <= 0) {
            throw new CertificateParsingException(
                    "serial: " + certificate.getSerialNumber() + " (expected: positive)");
        }
        return new CertificateFacts(
                encoded,
                certificate.getSubjectX500Principal().getEncoded(),
                certificate.getIssuerX500Principal().getEncoded(),
                certificate.getSubjectX500Principal().getName(),
                certificate.getSerialNumber().toString(16),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                certificate.getPublicKey(),
                certificate.getSigAlgOID(),
                certificate.getTBSCertificate(),
                certificate.getSignature(),
                List.copyOf(uris),
                Set.copyOf(nameForms),
                readPathLength(certificate),
                readKeyUsage(certificate),
                readExtendedKeyUsage(certificate),
                readNameConstraints(certificate.getExtensionValue(NAME_CONSTRAINTS)),
                readIssuerKeyId(certificate.getExtensionValue(AUTHORITY_KEY_ID)),
                readSubjectKeyId(certificate.getExtensionValue(SUBJECT_KEY_ID)),
                copyOf(certificate.getCriticalExtensionOIDs()));
    }

    private static void readNames(
            byte @Nullable [] extension, List<String> uris, Set<Integer> nameForms)
            throws CertificateParsingException {
        if (extension == null) {
            return;
        }
        Der names = Der.sequenceInExtension(extension);
        while (names.hasNext()) {
            int tag = names.nextTag();
            if ((tag & CONTEXT) == 0) {
                throw new CertificateParsingException("SAN: tag " + tag);
            }
            byte[] value = names.read(tag);
            nameForms.add(tag & FORM_BITS);
            if (tag == (CONTEXT | URI_FORM)) {
                // Every byte becomes one character: what is not ASCII then fails as a SPIFFE ID.
                uris.add(new String(value, StandardCharsets.ISO_8859_1));
            } else if ((tag & FORM_BITS) == URI_FORM) {
                throw new CertificateParsingException("SAN: constructed URI");
            }
        }
    }

    private static int readPathLength(X509Certificate certificate)
            throws CertificateParsingException {
        int pathLength = certificate.getBasicConstraints();
        byte[] extension = certificate.getExtensionValue(BASIC_CONSTRAINTS);
        if (pathLength >= 0 || extension == null) {
            return pathLength;
        }
        Der content = Der.sequenceInExtension(extension);
        boolean absentOrFalse =
                !content.hasNext() || Arrays.equals(content.read(Der.BOOLEAN), new byte[1]);
        if (!absentOrFalse) {
            throw new CertificateParsingException("basic constraints: unreadable");
        }
        content.finish();
        return pathLength;
    }

    private static Optional<KeyUsage> readKeyUsage(X509Certificate certificate)
            throws CertificateParsingException {
        boolean[] bits = certificate.getKeyUsage();
        if (bits == null && certificate.getExtensionValue(KEY_USAGE) != null) {
            throw new CertificateParsingException("key usage: unreadable");
        }
        return Optional.ofNullable(bits).map(KeyUsage::of);
    }

    private static Optional<List<String>> readExtendedKeyUsage(X509Certificate certificate)
            throws CertificateParsingException {
        List<String> usages = certificate.getExtendedKeyUsage();
        if (usages == null && certificate.getExtensionValue(EXTENDED_KEY_USAGE) != null) {
            throw new CertificateParsingException("extended key usage: unreadable");
        }
        return Optional.ofNullable(usages).map(List::copyOf);
    }

    private static Optional<NameConstraints> readNameConstraints(byte @Nullable [] extension)
            throws CertificateParsingException {
        return extension == null
                ? Optional.empty()
                : Optional.of(NameConstraints.read(Der.sequenceInExtension(extension)));
    }

    private static String readIssuerKeyId(byte @Nullable [] extension)
            throws CertificateParsingException {
        if (extension == null) {
            return "";
        }
        Der content = Der.sequenceInExtension(extension);
        boolean present = content.hasNext() && content.nextTag() == KEY_ID;
        return present ? HexFormat.of().formatHex(content.read(KEY_ID)) : "";
    }

    private static String readSubjectKeyId(byte @Nullable [] extension)
            throws CertificateParsingException {
        return extension == null
                ? ""
                : HexFormat.of().formatHex(Der.octetStringInExtension(extension));
    }

    private static Set<String> copyOf(@Nullable Set<String> oids) {
        return oids == null ? Set.of() : Set.copyOf(oids);
    }
}
