package dev.countersign.server.audit;

import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.Optional;

/**
 * What is about to be signed: durable before the signature exists, so that no certificate exists
 * that the log does not know.
 *
 * @param issuerKeyId lower-case hex subject key identifier of the signing intermediate; names the
 *     chain this entry belongs to
 * @param serial lower-case hex, no leading zeros; unique per issuer
 * @param id the identity to be certified
 * @param podName pod of the attestation; empty for the server's own certificate
 * @param podUid its UID; empty likewise
 * @param nodeName node, when known
 * @param publicKeyHash lower-case hex SHA-256 of the SubjectPublicKeyInfo
 * @param tbsHash lower-case hex SHA-256 of the to-be-signed certificate
 * @param notBefore of the certificate
 * @param notAfter of the certificate
 * @param at when it was decided
 * @param tokenFingerprint lower-case hex SHA-256 of the token; empty when none was used
 * @param accountUid UID of the service account; empty when unknown
 * @param lastTokenAt when this pod was last issued a certificate upon a token: now, or carried along
 *     by a renewal without one; empty when it never was
 */
public record IssuanceIntent(
        String issuerKeyId,
        String serial,
        SpiffeId id,
        String podName,
        String podUid,
        Optional<String> nodeName,
        String publicKeyHash,
        String tbsHash,
        Instant notBefore,
        Instant notAfter,
        Instant at,
        String tokenFingerprint,
        String accountUid,
        Optional<Instant> lastTokenAt) {
    /** Of no known account UID; a token, if there is one, was seen now. */
    public IssuanceIntent(
            String issuerKeyId,
            String serial,
            SpiffeId id,
            String podName,
            String podUid,
            Optional<String> nodeName,
            String publicKeyHash,
            String tbsHash,
            Instant notBefore,
            Instant notAfter,
            Instant at,
            String tokenFingerprint) {
        this(
                issuerKeyId,
                serial,
                id,
                podName,
                podUid,
                nodeName,
                publicKeyHash,
                tbsHash,
                notBefore,
                notAfter,
                at,
                tokenFingerprint,
                "",
                tokenFingerprint.isEmpty() ? Optional.empty() : Optional.of(at));
    }
}
