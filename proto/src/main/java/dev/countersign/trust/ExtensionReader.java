package dev.countersign.trust;

import dev.countersign.trust.CertificateFacts.KeyUsage;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the extensions of one certificate (RFC 5280, section 4.2): those that rules look at, and of all
 * others whether they are critical. Used once.
 */
final class ExtensionReader {
    private static final int URI_FORM = 6;
    private static final int CONTEXT = 0x80;
    private static final int FORM_BITS = 0x1f;
    private static final int KEY_ID = CONTEXT;
    private static final int DIGITAL_SIGNATURE_BIT = 0;
    private static final int KEY_CERT_SIGN_BIT = 5;
    private static final int CRL_SIGN_BIT = 6;

    private final Set<String> seen = new HashSet<>();
    private final Set<String> critical = new HashSet<>();
    private final List<String> uris = new ArrayList<>(1);
    private final Set<Integer> nameForms = new HashSet<>();
    private int pathLength = -1;
    private @Nullable KeyUsage keyUsage;
    private @Nullable List<String> extendedKeyUsage;
    private @Nullable NameConstraints nameConstraints;
    private String issuerKeyId = "";
    private String subjectKeyId = "";

    /** Every extension; {@code holder} is the content of the tag around them. */
    void readAll(Der holder) throws CertificateParsingException {
        Der extensions = holder.enter(Der.SEQUENCE);
        holder.finish();
        while (extensions.hasNext()) {
            Der extension = extensions.enter(Der.SEQUENCE);
            String oid = extension.oid();
            if (!seen.add(oid)) {
                throw new CertificateParsingException("extension " + oid + ": twice");
            }
            if (extension.flag()) {
                critical.add(oid);
            }
            byte[] value = extension.element(Der.OCTET_STRING);
            extension.finish();
            read(oid, value);
        }
    }

    List<String> uris() {
        return List.copyOf(uris);
    }

    Set<Integer> nameForms() {
        return Set.copyOf(nameForms);
    }

    int pathLength() {
        return pathLength;
    }

    Optional<KeyUsage> keyUsage() {
        return Optional.ofNullable(keyUsage);
    }

    Optional<List<String>> extendedKeyUsage() {
        return Optional.ofNullable(extendedKeyUsage);
    }

    Optional<NameConstraints> nameConstraints() {
        return Optional.ofNullable(nameConstraints);
    }

    String issuerKeyId() {
        return issuerKeyId;
    }

    String subjectKeyId() {
        return subjectKeyId;
    }

    Set<String> critical() {
        return Set.copyOf(critical);
    }

    private void read(String oid, byte[] value) throws CertificateParsingException {
        switch (oid) {
            case CertificateFacts.SUBJECT_ALTERNATIVE_NAME ->
                    readNames(Der.sequenceInExtension(value));
            case CertificateFacts.BASIC_CONSTRAINTS ->
                    readConstraints(Der.sequenceInExtension(value));
            case CertificateFacts.KEY_USAGE -> readKeyUsage(Der.of(value).enter(Der.OCTET_STRING));
            case CertificateFacts.EXTENDED_KEY_USAGE -> readUsages(Der.sequenceInExtension(value));
            case CertificateFacts.NAME_CONSTRAINTS ->
                    nameConstraints = NameConstraints.read(Der.sequenceInExtension(value));
            case CertificateFacts.AUTHORITY_KEY_ID ->
                    readIssuerKeyId(Der.sequenceInExtension(value));
            case CertificateFacts.SUBJECT_KEY_ID ->
                    subjectKeyId = HexFormat.of().formatHex(Der.octetStringInExtension(value));
            default -> {
                // Nobody looks into it; a critical one is refused by the rules.
            }
        }
    }

    private void readNames(Der names) throws CertificateParsingException {
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

    private void readConstraints(Der content) throws CertificateParsingException {
        if (content.flag()) {
            pathLength = content.hasNext() ? length(content.integer()) : Integer.MAX_VALUE;
        }
        content.finish();
    }

    private static int length(byte[] number) throws CertificateParsingException {
        if (number.length != 1 || number[0] < 0) {
            throw new CertificateParsingException("path length: not 0 to 127");
        }
        return number[0];
    }

    private void readKeyUsage(Der value) throws CertificateParsingException {
        boolean[] bits = value.bits();
        value.finish();
        keyUsage =
                new KeyUsage(
                        at(bits, DIGITAL_SIGNATURE_BIT),
                        at(bits, KEY_CERT_SIGN_BIT),
                        at(bits, CRL_SIGN_BIT));
    }

    private static boolean at(boolean[] bits, int index) {
        return index < bits.length && bits[index];
    }

    private void readUsages(Der content) throws CertificateParsingException {
        List<String> usages = new ArrayList<>(2);
        while (content.hasNext()) {
            usages.add(content.oid());
        }
        extendedKeyUsage = List.copyOf(usages);
    }

    private void readIssuerKeyId(Der content) throws CertificateParsingException {
        if (content.hasNext() && content.nextTag() == KEY_ID) {
            issuerKeyId = HexFormat.of().formatHex(content.read(KEY_ID));
        }
    }
}
