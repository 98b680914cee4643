package dev.countersign.server.bundleendpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
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
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

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
            PrivateKey own = privateKey(chain.getFirst());
            checkFits(own, chain.getFirst());
            return new EndpointCertificate.Shown(chain, own);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    certificate + ", " + key + ": " + e.getMessage() + " (expected: PEM)", e);
        }
    }

    private PrivateKey privateKey(X509Certificate leaf)
            throws IOException, GeneralSecurityException {
        String text = new String(bytes(key), StandardCharsets.US_ASCII);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(key + ": no PRIVATE KEY block (expected: PKCS#8, PEM)");
        }
        byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
        return KeyFactory.getInstance(leaf.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    private void checkFits(PrivateKey own, X509Certificate leaf)
            throws IOException, GeneralSecurityException {
        String algorithm = own.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(own);
        signer.update(leaf.getSignature());
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(leaf.getPublicKey());
        verifier.update(leaf.getSignature());
        if (!verifier.verify(signer.sign())) {
            throw new IOException(key + ": another's (expected: the key of " + certificate + ")");
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": over 65536 bytes (expected: <= 65536)");
        }
        return Files.readAllBytes(file);
    }
}
