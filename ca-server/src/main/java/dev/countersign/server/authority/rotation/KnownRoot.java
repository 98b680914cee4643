package dev.countersign.server.authority.rotation;

import dev.countersign.server.x509.KeyIds;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import javax.security.auth.x500.X500Principal;

/**
 * A root with the name of its key.
 *
 * @param keyName in the key vault
 * @param keyId lower-case hex subject key identifier
 * @param certificate self-signed
 */
public record KnownRoot(String keyName, String keyId, X509Certificate certificate) {
    /**
     * @throws IllegalArgumentException when it has no subject key identifier
     */
    public static KnownRoot of(String keyName, X509Certificate certificate) {
        return new KnownRoot(keyName, KeyIds.hexOfCertificate(certificate), certificate);
    }

    public Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    /** As RFC 5280 compares names. */
    public String subject() {
        return certificate.getSubjectX500Principal().getName(X500Principal.CANONICAL);
    }

    /** Lower-case hex SHA-256 of its SubjectPublicKeyInfo. */
    public String keyHash() {
        return KeyIds.sha256(certificate.getPublicKey().getEncoded());
    }

    boolean sharesKeyWith(KnownRoot other) {
        return Arrays.equals(
                certificate.getPublicKey().getEncoded(),
                other.certificate.getPublicKey().getEncoded());
    }

    @Override
    public String toString() {
        return keyName + " " + keyId;
    }
}
