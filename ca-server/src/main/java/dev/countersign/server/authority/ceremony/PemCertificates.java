package dev.countersign.server.authority.ceremony;

import dev.countersign.server.authority.ceremony.ImportRefused.Reason;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates of a PEM file (RFC 7468), and nothing else. */
public final class PemCertificates {
    /** Characters of a file. */
    public static final int MAX_CHARS = 64 * 1024;

    private static final Pattern BLOCK =
            Pattern.compile(
                    "\\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    private PemCertificates() {}

    /**
     * In the order of the file.
     *
     * @throws ImportRefused {@code IMPORT_MALFORMED} unless there is at least one
     */
    public static List<X509Certificate> read(String pem) throws ImportRefused {
        if (pem.length() > MAX_CHARS) {
            throw malformed(pem.length() + " characters", "<= " + MAX_CHARS);
        }
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(pem);
        int end = 0;
        while (blocks.find(end) && blocks.start() == end) {
            certificates.add(certificate(blocks.group(1)));
            end = blocks.end();
        }
        if (certificates.isEmpty() || !pem.substring(end).isBlank()) {
            throw malformed(
                    certificates.size()
                            + " certificates and "
                            + (pem.length() - end)
                            + " other characters",
                    "PEM certificates and nothing else");
        }
        return certificates;
    }

    private static X509Certificate certificate(String base64) throws ImportRefused {
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException | IllegalArgumentException unreadable) {
            throw new ImportRefused(
                    Reason.IMPORT_MALFORMED,
                    "certificate: " + unreadable.getMessage() + " (expected: X.509, DER in PEM)",
                    unreadable);
        }
    }

    private static ImportRefused malformed(String value, String expectation) {
        return new ImportRefused(
                Reason.IMPORT_MALFORMED, "chain: " + value + " (expected: " + expectation + ")");
    }
}
