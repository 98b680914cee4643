package dev.countersign.server.authority.rotation;

import dev.countersign.server.authority.upstream.UpstreamKey;
import dev.countersign.server.x509.KeyIds;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A root with the name of the key that signs here: its own, or that of an online issuer below it
 * when the root's is kept elsewhere.
 *
 * @param keyName of the key that signs, in the key vault
 * @param keyId lower-case hex subject key identifier of the root
 * @param certificate self-signed
 * @param issuers between the root and what is signed here, the nearest to the leaf first; none when
 *     the root's own key signs
 */
public record KnownRoot(
        String keyName, String keyId, X509Certificate certificate, List<X509Certificate> issuers) {
    public KnownRoot {
        issuers = List.copyOf(issuers);
    }

    /**
     * @throws IllegalArgumentException when it has no subject key identifier
     */
    public static KnownRoot of(String keyName, X509Certificate certificate) {
        return of(keyName, certificate, List.of());
    }

    /**
     * One whose key is kept elsewhere.
     *
     * @throws IllegalArgumentException when it has no subject key identifier
     */
    public static KnownRoot of(
            String keyName, X509Certificate certificate, List<X509Certificate> issuers) {
        return new KnownRoot(keyName, KeyIds.hexOfCertificate(certificate), certificate, issuers);
    }

    /** Whose key signs here: the nearest issuer's, or the root's. */
    public X509Certificate signing() {
        return issuers.isEmpty() ? certificate : issuers.getFirst();
    }

    /** Whether its key is upstream, which signs the intermediates of each process. */
    public boolean isUpstream() {
        return keyName.equals(UpstreamKey.NAME);
    }

    /** Nothing that is signed here may live longer: the earliest end of the root and its issuers. */
    public Instant signsUntil() {
        Instant end = notAfter();
        for (X509Certificate issuer : issuers) {
            Instant its = issuer.getNotAfter().toInstant();
            end = its.isBefore(end) ? its : end;
        }
        return end;
    }

    /** Whether it is the same root, by whatever issuer it signs. */
    public boolean isSameRoot(KnownRoot other) {
        return certificate.equals(other.certificate);
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
