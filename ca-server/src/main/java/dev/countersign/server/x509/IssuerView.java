package dev.countersign.server.x509;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * What the rules compare a leaf with: facts of the issuing certificate, read once per issuer. The
 * arrays are owned by this value.
 *
 * @param subject DER Name, exactly the issuer's bytes
 * @param keyId its subject key identifier
 * @param signatureAlgorithm DER AlgorithmIdentifier that its key signs with
 * @param notBefore of the issuer
 * @param notAfter of the issuer
 * @param alternativeNames as {@code URI:…}
 */
public record IssuerView(
        byte[] subject,
        byte[] keyId,
        byte[] signatureAlgorithm,
        Instant notBefore,
        Instant notAfter,
        List<String> alternativeNames) {
    /**
     * Reads an issuer.
     *
     * @throws IllegalArgumentException when it has no subject key identifier
     */
    public static IssuerView of(X509Certificate issuer) {
        return new IssuerView(
                LeafTemplate.subject(issuer),
                KeyIds.ofCertificate(issuer),
                SignatureScheme.of(issuer.getPublicKey()).encoding(),
                issuer.getNotBefore().toInstant(),
                issuer.getNotAfter().toInstant(),
                names(issuer));
    }

    private static List<String> names(X509Certificate issuer) {
        try {
            GeneralNames names =
                    GeneralNames.fromExtensions(
                            Certificate.getInstance(issuer.getEncoded())
                                    .getTBSCertificate()
                                    .getExtensions(),
                            Extension.subjectAlternativeName);
            return names == null ? List.of() : AlternativeNames.text(names);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("issuer: does not encode (expected: DER)", e);
        }
    }
}
