package dev.countersign.server.x509;

import java.security.PublicKey;
import java.util.List;

/**
 * What is taken from a PKCS#10 request after its proof of possession was checked: the public key.
 * The requested names are kept only to refuse those that are not the caller's own.
 */
public final class CertificateRequest {
    private final PublicKey publicKey;
    private final byte[] subjectPublicKeyInfo;
    private final String publicKeyHash;
    private final List<String> requestedNames;

    /** Made by {@link CsrParser}. */
    CertificateRequest(
            PublicKey publicKey,
            byte[] subjectPublicKeyInfo,
            String publicKeyHash,
            List<String> requestedNames) {
        this.publicKey = publicKey;
        this.subjectPublicKeyInfo = subjectPublicKeyInfo.clone();
        this.publicKeyHash = publicKeyHash;
        this.requestedNames = List.copyOf(requestedNames);
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** DER. */
    public byte[] subjectPublicKeyInfo() {
        return subjectPublicKeyInfo.clone();
    }

    /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo. */
    public String publicKeyHash() {
        return publicKeyHash;
    }

    /** Requested SANs as {@code "URI:spiffe://…"}, {@code "DNS:…"}, {@code "IP:…"}, …. */
    public List<String> requestedNames() {
        return requestedNames;
    }
}
