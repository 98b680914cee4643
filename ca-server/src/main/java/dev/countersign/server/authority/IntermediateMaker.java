package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.upstream.UpstreamIntermediates;
import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.KeyIds;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes intermediates of this process: key, certificate, audit entry; all of it or nothing. */
final class IntermediateMaker {
    private static final Logger LOG = LoggerFactory.getLogger(IntermediateMaker.class);
    private static final int NAME_BYTES = 8;

    private final AuthoritySettings settings;
    private final KeyVault keys;
    private final Certifier certifier;
    private final AuthorityEvents events;
    private final IssuedLeaves leaves;
    private final Optional<UpstreamIntermediates> upstream;
    private final SecureRandom random;

    IntermediateMaker(
            AuthoritySettings settings,
            KeyVault keys,
            Certifier certifier,
            AuthorityEvents events,
            IssuedLeaves leaves,
            Optional<UpstreamIntermediates> upstream,
            SecureRandom random) {
        this.upstream = upstream;
        this.settings = settings;
        this.keys = keys;
        this.certifier = certifier;
        this.events = events;
        this.leaves = leaves;
        this.random = random;
    }

    /** Whether one can be made now; if not, upstream is asked for it. */
    boolean isReady(KnownRoot root) {
        return !root.isUpstream() || upstream.filter(UpstreamIntermediates::isReady).isPresent();
    }

    Authority make(AuthorityState.SigningRoot root, Instant now)
            throws KeyVaultException, AuditUnavailable, UpstreamRefused {
        checkRoot(root.root(), now);
        return root.root().isUpstream() ? taken(root.root(), now) : made(root, now);
    }

    /** Made, signed and checked already. */
    private Authority taken(KnownRoot root, Instant now)
            throws KeyVaultException, AuditUnavailable, UpstreamRefused {
        UpstreamIntermediates.Signed signed =
                upstream.filter(source -> source.root().equals(root.certificate()))
                        .orElseThrow(() ->
                                new AuthorityRefused(
                                        Reason.ROOT_KEY_MISSING,
                                        "root "
                                                + root.keyId()
                                                + ": kept upstream (expected: authority.upstream"
                                                + " with this root)"))
                        .take();
        X509Certificate issuer =
                signed.above().isEmpty() ? root.certificate() : signed.above().getFirst();
        record(signed.certificate(), issuer, root, now);
        String name = name();
        SigningKey key = keys.keep(name, signed.key());
        return new Authority(root, signed.certificate(), signed.above(), name, key);
    }

    private Authority made(AuthorityState.SigningRoot root, Instant now)
            throws KeyVaultException, AuditUnavailable {
        String name = name();
        SigningKey key = keys.create(name);
        boolean done = false;
        try {
            X509Certificate certificate =
                    certifier.intermediate(
                            settings.trustDomain(),
                            settings.constrainNames(),
                            key.publicKey(),
                            now,
                            settings.intermediateLife(),
                            root.certificate(),
                            root.key());
            record(certificate, root.certificate(), root.root(), now);
            done = true;
            return new Authority(root.root(), certificate, name, key);
        } finally {
            if (!done) {
                keys.destroy(name);
            }
        }
    }

    /** Before anything is signed by it. */
    private void record(
            X509Certificate certificate, X509Certificate issuer, KnownRoot root, Instant now)
            throws AuditUnavailable {
        events.intermediateCreated(certificate, issuer, now);
        leaves.intermediate(
                KeyIds.hexOfCertificate(certificate),
                root.keyId(),
                certificate.getNotAfter().toInstant());
        LOG.atInfo()
                .addKeyValue("keyId", KeyIds.hexOfCertificate(certificate))
                .addKeyValue("notAfter", certificate.getNotAfter().toInstant())
                .log("created intermediate");
    }

    private String name() {
        byte[] suffix = new byte[NAME_BYTES];
        random.nextBytes(suffix);
        return "intermediate-" + HexFormat.of().formatHex(suffix);
    }

    private static void checkRoot(KnownRoot root, Instant now) {
        root.issuers().forEach(issuer -> checkTime("issuer", issuer, now));
        checkTime("root", root.certificate(), now);
    }

    private static void checkTime(String what, X509Certificate root, Instant now) {
        Instant from = root.getNotBefore().toInstant();
        Instant until = root.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new AuthorityRefused(
                    Reason.ROOT_NOT_YET_VALID,
                    what + ": from " + from + " (expected: <= " + now + "; is the clock right?)");
        }
        if (!now.isBefore(until)) {
            throw new AuthorityRefused(
                    Reason.ROOT_EXPIRED, what + ": until " + until + " (expected: > " + now + ")");
        }
    }

    void destroy(Authority authority) throws KeyVaultException {
        keys.destroy(authority.keyName());
    }
}
