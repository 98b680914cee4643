package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.rotation.Blocker;
import dev.countersign.server.authority.rotation.Exclusion;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.PastRoot;
import dev.countersign.server.authority.rotation.Rotation;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.x509.KeyIds;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what the authority is about to do into the audit trail, before it takes effect. */
final class AuthorityEvents {
    /** As many as an entry has room for. */
    private static final int MAX_NAMED = 20;

    private static final int MAX_FACT = 1000;

    private final AuditTrail audit;
    private final TrustDomain trustDomain;

    AuthorityEvents(AuditTrail audit, TrustDomain trustDomain) {
        this.audit = audit;
        this.trustDomain = trustDomain;
    }

    void rootCreated(X509Certificate root, String keyName, Instant now) throws AuditUnavailable {
        certificate(AuditEvent.Type.ROOT_CREATED, root, now, "key", keyName);
    }

    void rootDestroyed(PastRoot root, String reason, String by, Instant now)
            throws AuditUnavailable {
        append(
                AuditEvent.Type.ROOT_DESTROYED,
                now,
                Map.of(
                        "keyId", root.keyId(),
                        "key", root.keyName(),
                        "publicKeySha256", root.keyHash(),
                        "subject", cut(root.subject()),
                        "reason", cut(reason),
                        "by", cut(by)));
    }

    void issuerRequested(String keyName, byte[] publicKey, String subject, Instant now)
            throws AuditUnavailable {
        append(
                AuditEvent.Type.ISSUER_REQUESTED,
                now,
                Map.of(
                        IssuerRequests.KEY,
                        keyName,
                        IssuerRequests.PUBLIC_KEY_SHA256,
                        KeyIds.sha256(publicKey),
                        "subject",
                        subject));
    }

    /** The nearest issuer, or the root itself; recorded before anything of it counts. */
    void imported(AuditEvent.Type type, KnownRoot root, String by, Instant now)
            throws AuditUnavailable {
        certificate(type, root.signing(), now, "by", cut(by), "root", root.keyId());
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

    /** From state to state; what makes the difference stands in it. */
    void moved(RotationState from, RotationState to, long epoch, Instant now)
            throws AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts.put("from", from.phase().name());
        facts.put("to", to.phase().name());
        facts.put("epoch", Long.toString(epoch));
        facts.put("signing", to.signing().keyId());
        facts.put(
                "trusted", String.join(" ", to.trusted().stream().map(KnownRoot::keyId).toList()));
        to.rotation().or(from::rotation).ifPresent(rotation -> facts(rotation, facts));
        append(AuditEvent.Type.ROTATION_MOVED, now, facts);
    }

    /** Why nothing moves, whenever that changes. */
    void refused(Rotation rotation, String move, List<Blocker> blockers, Instant now)
            throws AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts(rotation, facts);
        facts.put("move", move);
        facts.put("blockers", Integer.toString(blockers.size()));
        for (int i = 0; i < Math.min(blockers.size(), MAX_NAMED); i++) {
            Blocker blocker = blockers.get(i);
            facts.put(
                    "blocker" + i,
                    cut(blocker.code() + " " + blocker.who() + ": " + blocker.detail()));
        }
        append(AuditEvent.Type.ROTATION_REFUSED, now, facts);
    }

    private static void facts(Rotation rotation, Map<String, String> facts) {
        facts.put("rotation", rotation.id());
        facts.put("by", cut(rotation.by()));
        facts.put("back", Boolean.toString(rotation.back()));
        rotation.stopped().ifPresent(why -> facts.put("stopped", cut(why)));
        if (!rotation.exclusions().isEmpty()) {
            Exclusion last = rotation.exclusions().getLast();
            facts.put("exclusions", Integer.toString(rotation.exclusions().size()));
            facts.put(
                    "lastExclusion",
                    cut(last.verifier() + " by " + last.by() + ": " + last.reason()));
        }
    }

    private static String cut(String text) {
        return text.length() > MAX_FACT ? text.substring(0, MAX_FACT) : text;
    }

    private void certificate(
            AuditEvent.Type type, X509Certificate certificate, Instant now, String... more)
            throws AuditUnavailable {
        Map<String, String> facts = new TreeMap<>();
        facts.put("subject", certificate.getSubjectX500Principal().getName());
        facts.put("keyId", KeyIds.hexOfCertificate(certificate));
        facts.put("serial", certificate.getSerialNumber().toString(16));
        facts.put("sha256", KeyIds.sha256(StateLoader.encoded(certificate)));
        facts.put("notBefore", certificate.getNotBefore().toInstant().toString());
        facts.put("notAfter", certificate.getNotAfter().toInstant().toString());
        for (int i = 0; i < more.length; i += 2) {
            facts.put(more[i], more[i + 1]);
        }
        append(type, now, facts);
    }

    private void append(AuditEvent.Type type, Instant now, Map<String, String> facts)
            throws AuditUnavailable {
        audit.append(new AuditEvent(type, now, trustDomain.id(), facts));
    }
}
