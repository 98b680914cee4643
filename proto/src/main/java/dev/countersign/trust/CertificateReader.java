package dev.countersign.trust;

import java.security.cert.CertificateParsingException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;

/**
 * Reads a certificate (RFC 5280, section 4.1) by a strict cursor. What stands there and is not the
 * structure of that section is malformed, also where nobody would look at it.
 */
final class CertificateReader {
    private static final int VERSION = 0xa0;
    private static final int ISSUER_UNIQUE_ID = 0x81;
    private static final int SUBJECT_UNIQUE_ID = 0x82;
    private static final int EXTENSIONS = 0xa3;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int VERSION_3 = 2;
    private static final byte[] EMPTY_NAME = {Der.SEQUENCE, 0};

    /** A two-digit year from here on belongs to the last century (RFC 5280, section 4.1.2.5.1). */
    private static final int FIRST_YEAR_OF_LAST_CENTURY = 50;

    private CertificateReader() {}

    /**
     * The facts of these bytes; keeps the array.
     *
     * @throws CertificateParsingException when they are anything else than one certificate
     */
    static CertificateFacts read(byte[] encoded) throws CertificateParsingException {
        Der outer = Der.of(encoded);
        Der certificate = outer.enter(Der.SEQUENCE);
        outer.finish();
        byte[] signed = certificate.element(Der.SEQUENCE);
        byte[] algorithm = certificate.element(Der.SEQUENCE);
        byte[] signature = certificate.octetsOfBits();
        certificate.finish();
        return read(encoded, signed, algorithm, signature);
    }

    private static CertificateFacts read(
            byte[] encoded, byte[] signed, byte[] algorithm, byte[] signature)
            throws CertificateParsingException {
        Der tbs = Der.of(signed).enter(Der.SEQUENCE);
        int version = version(tbs);
        String serial = serial(tbs.integer());
        if (!Arrays.equals(tbs.element(Der.SEQUENCE), algorithm)) {
            throw new CertificateParsingException(
                    "signature algorithm: another one inside than outside");
        }
        byte[] issuer = tbs.element(Der.SEQUENCE);
        Der validity = tbs.enter(Der.SEQUENCE);
        Instant notBefore = time(validity);
        Instant notAfter = time(validity);
        validity.finish();
        byte[] subject = name(tbs.element(Der.SEQUENCE));
        byte[] subjectPublicKeyInfo = key(tbs.element(Der.SEQUENCE));
        tbs.skip(ISSUER_UNIQUE_ID);
        tbs.skip(SUBJECT_UNIQUE_ID);
        ExtensionReader extensions = new ExtensionReader();
        if (tbs.hasNext()) {
            if (version != VERSION_3) {
                throw new CertificateParsingException("extensions in version " + (version + 1));
            }
            extensions.readAll(tbs.enter(EXTENSIONS));
        }
        tbs.finish();
        return new CertificateFacts(
                encoded,
                subject,
                issuer,
                serial,
                notBefore,
                notAfter,
                subjectPublicKeyInfo,
                Der.of(algorithm).enter(Der.SEQUENCE).oid(),
                signed,
                signature,
                extensions.uris(),
                extensions.nameForms(),
                extensions.pathLength(),
                extensions.keyUsage(),
                extensions.extendedKeyUsage(),
                extensions.nameConstraints(),
                extensions.issuerKeyId(),
                extensions.subjectKeyId(),
                extensions.critical());
    }

    /** 0 to 2, which stand for 1 to 3. */
    private static int version(Der tbs) throws CertificateParsingException {
        if (tbs.nextTag() != VERSION) {
            return 0;
        }
        Der holder = tbs.enter(VERSION);
        byte[] version = holder.integer();
        holder.finish();
        if (version.length != 1 || version[0] < 0 || version[0] > VERSION_3) {
            throw new CertificateParsingException("version: unknown");
        }
        return version[0];
    }

    private static String serial(byte[] number) throws CertificateParsingException {
        String hex = HexFormat.of().formatHex(number);
        int first = 0;
        while (first < hex.length() && hex.charAt(first) == '0') {
            first++;
        }
        if (number[0] < 0 || first == hex.length()) {
            throw new CertificateParsingException("serial: not positive (expected: positive)");
        }
        return hex.substring(first);
    }

    /** A name that is there must be one; whose it is is for others to say. */
    private static byte[] name(byte[] der) {
        if (!Arrays.equals(der, EMPTY_NAME)) {
            new X500Principal(der).getEncoded();
        }
        return der;
    }

    /** What kind of key it is, and whether it is one, is for {@link KeyRules} to say. */
    private static byte[] key(byte[] der) throws CertificateParsingException {
        Der info = Der.of(der).enter(Der.SEQUENCE);
        info.enter(Der.SEQUENCE);
        info.octetsOfBits();
        info.finish();
        return der;
    }

    /** Whole seconds, Zulu: the only forms that section 4.1.2.5 allows. */
    private static Instant time(Der validity) throws CertificateParsingException {
        boolean utc = validity.nextTag() == UTC_TIME;
        byte[] text = validity.read(utc ? UTC_TIME : GENERALIZED_TIME);
        int yearDigits = utc ? 2 : 4;
        int length = yearDigits + 10;
        if (text.length != length + 1 || text[length] != 'Z') {
            throw odd(text);
        }
        int year = number(text, 0, yearDigits);
        if (utc) {
            year += year < FIRST_YEAR_OF_LAST_CENTURY ? 2000 : 1900;
        }
        return LocalDateTime.of(
                        year,
                        number(text, yearDigits, 2),
                        number(text, yearDigits + 2, 2),
                        number(text, yearDigits + 4, 2),
                        number(text, yearDigits + 6, 2),
                        number(text, yearDigits + 8, 2))
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(byte[] text, int from, int digits)
            throws CertificateParsingException {
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            if (text[i] < '0' || text[i] > '9') {
                throw odd(text);
            }
            number = number * 10 + text[i] - '0';
        }
        return number;
    }

    private static CertificateParsingException odd(byte[] text) {
        return new CertificateParsingException(
                "time: 0x"
                        + HexFormat.of().formatHex(text, 0, Math.min(text.length, 20))
                        + ", ASCII would be YYMMDDhhmmssZ or YYYYMMDDhhmmssZ");
    }
}
