package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.x509.KeyIds;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Map;

/** Writes what the authority is about to do into the audit trail, before it takes effect. */
final class AuthorityEvents {
    private final AuditTrail audit;
    private final TrustDomain trustDomain;

    AuthorityEvents(AuditTrail audit, TrustDomain trustDomain) {
        this.audit = audit;
        this.trustDomain = trustDomain;
    }

    void rootCreated(X509Certificate root, String keyName, Instant now) throws AuditUnavailable {
        certificate(AuditEvent.Type.ROOT_CREATED, root, now, "key", keyName);
    }

    void intermediateCreated(X509Certificate intermediate, X509Certificate issuer, Instant now)
            throws AuditUnavailable {
        certificate(
                AuditEvent.Type.INTERMEDIATE_CREATED,
                intermediate,
                now,
                "issuerKeyId",
                KeyIds.hexOfCertificate(issuer));
    }

    void bundlePublished(AuthorityJournal.State state, Instant now) throws AuditUnavailable {
        append(
                AuditEvent.Type.BUNDLE_PUBLISHED,
                now,
                Map.of(
                        "epoch", Long.toString(state.epoch()),
                        "roots", Integer.toString(state.roots().size()),
                        "payloadSha256", KeyIds.sha256(state.bundlePayload()),
                        "bundleKeyId", state.bundleKeyId()));
    }

    private void certificate(
            AuditEvent.Type type,
            X509Certificate certificate,
            Instant now,
            String name,
            String value)
            throws AuditUnavailable {
        append(
                type,
                now,
                Map.of(
                        "subject",
                        certificate.getSubjectX500Principal().getName(),
                        "keyId",
                        KeyIds.hexOfCertificate(certificate),
                        "serial",
                        certificate.getSerialNumber().toString(16),
                        "sha256",
                        KeyIds.sha256(StateLoader.encoded(certificate)),
                        "notBefore",
                        certificate.getNotBefore().toInstant().toString(),
                        "notAfter",
                        certificate.getNotAfter().toInstant().toString(),
                        name,
                        value));
    }

    private void append(AuditEvent.Type type, Instant now, Map<String, String> facts)
            throws AuditUnavailable {
        audit.append(new AuditEvent(type, now, trustDomain.id(), facts));
    }
}
