package dev.countersign.server.authority;

import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.x509.KeyIds;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
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
    private final SecureRandom random;

    IntermediateMaker(
            AuthoritySettings settings,
            KeyVault keys,
            Certifier certifier,
            AuthorityEvents events,
            IssuedLeaves leaves,
            SecureRandom random) {
        this.settings = settings;
        this.keys = keys;
        this.certifier = certifier;
        this.events = events;
        this.leaves = leaves;
        this.random = random;
    }

    Authority make(AuthorityState.SigningRoot root, Instant now)
            throws KeyVaultException, AuditUnavailable {
        checkRoot(root.root(), now);
        byte[] suffix = new byte[NAME_BYTES];
        random.nextBytes(suffix);
        String name = "intermediate-" + HexFormat.of().formatHex(suffix);
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
            events.intermediateCreated(certificate, root.certificate(), now);
            leaves.intermediate(
                    KeyIds.hexOfCertificate(certificate),
                    root.root().keyId(),
                    certificate.getNotAfter().toInstant());
            done = true;
            LOG.atInfo()
                    .addKeyValue("keyId", KeyIds.hexOfCertificate(certificate))
                    .addKeyValue("notAfter", certificate.getNotAfter().toInstant())
                    .log("created intermediate");
            return new Authority(root.root(), certificate, name, key);
        } finally {
            if (!done) {
                keys.destroy(name);
            }
        }
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
