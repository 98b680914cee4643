package dev.countersign.server.distribution;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.authority.Verifiers;
import dev.countersign.server.authority.rotation.Verifier;
import dev.countersign.server.distribution.ExternalRefused.Reason;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The verifiers outside: registered by name, and waited for by rotations until they have fetched the
 * bundle with the token they were given, or somebody who put the file there says so.
 */
public final class ExternalVerifiers implements Verifiers {
    /** More would make a rotation wait for a crowd. */
    public static final int MOST = 1000;

    private static final int TOKEN_BYTES = 32;
    private static final int MAX_TOKEN = 128;

    private final ExternalVerifierRecords records;
    private final BundlePublisher bundles;
    private final AuditTrail audit;
    private final TrustDomain trustDomain;
    private final InstantSource clock;
    private final SecureRandom random;

    public ExternalVerifiers(
            ExternalVerifierRecords records,
            BundlePublisher bundles,
            AuditTrail audit,
            TrustDomain trustDomain,
            InstantSource clock,
            SecureRandom random) {
        this.records = records;
        this.bundles = bundles;
        this.audit = audit;
        this.trustDomain = trustDomain;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public List<Verifier> verifiers() {
        return list().stream().map(ExternalVerifier::verifier).toList();
    }

    public List<ExternalVerifier> list() {
        return records.all();
    }

    /**
     * Registers one; from now on a rotation waits for it.
     *
     * @return its token, known to nobody but the caller: only its hash is kept
     */
    public String register(String name, String by) throws ExternalRefused, AuditUnavailable {
        if (!ExternalVerifier.isName(name)) {
            throw new ExternalRefused(
                    Reason.VERIFIER_NAME,
                    "name: " + name.length() + " characters (expected: 1 to 63 of a-z 0-9 . -)");
        }
        if (records.all().size() >= MOST) {
            throw new ExternalRefused(
                    Reason.VERIFIERS_FULL, "verifiers: " + MOST + " (expected: fewer)");
        }
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Instant now = clock.instant();
        record(AuditEvent.Type.VERIFIER_REGISTERED, name, by, "", now);
        boolean added =
                records.add(
                        new ExternalVerifier(name, now, by, 0, Optional.empty(), ""), hash(token));
        if (!added) {
            throw new ExternalRefused(
                    Reason.VERIFIER_EXISTS,
                    "name: " + name + " is registered (expected: a new one)");
        }
        return token;
    }

    /** Nobody waits for it any more. */
    public void remove(String name, String reason, String by)
            throws ExternalRefused, AuditUnavailable {
        if (reason.isBlank() || reason.length() > 500) {
            throw new ExternalRefused(
                    Reason.REASON_MISSING, "reason: expected 1 to 500 characters");
        }
        checkKnown(name);
        record(AuditEvent.Type.VERIFIER_REMOVED, name, by, reason, clock.instant());
        if (!records.remove(name)) {
            throw unknown(name);
        }
    }

    /**
     * By the word of who gave it a file of roots, as far as that is the bundle in force.
     *
     * @param roots what it has
     */
    public long acknowledge(String name, List<X509Certificate> roots, String by)
            throws ExternalRefused, AuditUnavailable {
        checkKnown(name);
        TrustBundle bundle = bundles.bundle();
        Set<X509Certificate> missing = new HashSet<>(bundle.roots());
        roots.forEach(missing::remove);
        Set<X509Certificate> gone = new HashSet<>(roots);
        bundle.roots().forEach(gone::remove);
        if (!missing.isEmpty() || !gone.isEmpty()) {
            throw new ExternalRefused(
                    Reason.VERIFIER_OTHER_ROOTS,
                    "roots: "
                            + missing.size()
                            + " missing, "
                            + gone.size()
                            + " that are not in the bundle (expected: exactly those of epoch "
                            + bundle.epoch()
                            + ", as countersign root export writes them)");
        }
        Instant now = clock.instant();
        record(AuditEvent.Type.VERIFIER_ACKNOWLEDGED, name, by, "epoch " + bundle.epoch(), now);
        if (!records.acknowledged(name, bundle.epoch(), now, "file, said " + by)) {
            throw unknown(name);
        }
        return bundle.epoch();
    }

    /**
     * One has fetched a bundle by its token.
     *
     * @return whether that is the token of one
     */
    public boolean fetched(String token, long epoch) {
        return token.length() <= MAX_TOKEN && records.fetched(hash(token), epoch, clock.instant());
    }

    private void checkKnown(String name) throws ExternalRefused {
        if (records.all().stream().noneMatch(one -> one.name().equals(name))) {
            throw unknown(name);
        }
    }

    private static ExternalRefused unknown(String name) {
        return new ExternalRefused(
                Reason.VERIFIER_UNKNOWN,
                "name: "
                        + (ExternalVerifier.isName(name) ? name : "none")
                        + " (expected: one of countersign root verifier list)");
    }

    private void record(AuditEvent.Type type, String name, String by, String what, Instant now)
            throws AuditUnavailable {
        audit.append(
                new AuditEvent(
                        type,
                        now,
                        trustDomain.id(),
                        Map.of("verifier", name, "by", by, "detail", what)));
    }

    private static String hash(String token) {
        return KeyIds.sha256(token.getBytes(StandardCharsets.UTF_8));
    }
}
