package dev.countersign.server.bundleendpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate and its key in PEM files, as tools for the web PKI leave them: read again when one of
 * them has changed. While the new ones cannot be read, or do not fit together, the old ones stay.
 */
public final class CertificateFiles implements Supplier<EndpointCertificate.Shown> {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateFiles.class);
    private static final long MAX_BYTES = 64 * 1024;
    private static final int MAX_CHAIN = 8;
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final Path certificate;
    private final Path key;
    private EndpointCertificate.Shown shown;
    private FileTime certificateChanged;
    private FileTime keyChanged;

    /**
     * @param certificate PEM, leaf first
     * @param key PKCS#8, PEM
     * @throws IOException when they cannot be read or do not fit together
     */
    public CertificateFiles(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.certificateChanged = Files.getLastModifiedTime(certificate);
        this.keyChanged = Files.getLastModifiedTime(key);
        this.shown = read();
    }

    @Override
    public synchronized EndpointCertificate.Shown get() {
        try {
            FileTime first = Files.getLastModifiedTime(certificate);
            FileTime second = Files.getLastModifiedTime(key);
            if (!first.equals(certificateChanged) || !second.equals(keyChanged)) {
                shown = read();
                certificateChanged = first;
                keyChanged = second;
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("certificate of the bundle endpoint not read again, the old one stays");
        }
        return shown;
    }

    private EndpointCertificate.Shown read() throws IOException {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate one :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes(certificate)))) {
                chain.add((X509Certificate) one);
            }
            if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
                throw new IOException(
                        certificate + ": " + chain.size() + " certificates (expected: 1 to 8)");
            }
            return new EndpointCertificate.Shown(chain, privateKey(chain.getFirst()));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    certificate + ", " + key + ": " + e.getMessage() + " (expected: PEM)", e);
        }
    }

    private PrivateKey privateKey(X509Certificate leaf)
            throws IOException, GeneralSecurityException {
        Matcher block =
                KEY.matcher(new String(bytes(key), java.nio.charset.StandardCharsets.US_ASCII));
        if (!block.find()) {
            throw new IOException(key + ": no PRIVATE KEY block (expected: PKCS#8, PEM)");
        }
        return KeyFactory.getInstance(leaf.getPublicKey().getAlgorithm())
                .generatePrivate(
                        new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(1))));
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": over 65536 bytes (expected: <= 65536)");
        }
        return Files.readAllBytes(file);
    }
}
