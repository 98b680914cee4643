package dev.countersign.server.servingcert;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.Signer;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the certificate and key that the server answers TLS with, and replaces them at half of their
 * life, or at once when the clock has left it, the bundle no longer believes it or another root signs. Readers always
 * see a matching pair; {@link #maintain} is called every few seconds by the wiring.
 */
public final class ServingCertificate {
    /** Long enough for an absence of the database; a rotation of roots waits for its end. */
    public static final Duration DEFAULT_LIFE = Duration.ofHours(2);

    private static final Logger LOG = LoggerFactory.getLogger(ServingCertificate.class);

    /** What a certificate is made with; wired once. */
    public record Parts(
            TrustDomain trustDomain,
            Signer signer,
            CertificateAssembler assembler,
            AuditTrail audit,
            SvidVerifier verifier) {}

    /**
     * A chain, leaf first and without root, with the leaf's key.
     *
     * @param issuedAt when it was made
     */
    public record Held(List<X509Certificate> chain, PrivateKey key, Instant issuedAt) {
        public Held {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "Held[serial " + chain.getFirst().getSerialNumber().toString(16) + "]";
        }
    }

    private final ServingIssuer issuer;
    private final Signer signer;
    private final SvidVerifier verifier;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Held current;

    private ServingCertificate(
            ServingIssuer issuer, Signer signer, SvidVerifier verifier, Instant now) {
        this.issuer = issuer;
        this.signer = signer;
        this.verifier = verifier;
        current = issuer.issue(now);
    }

    /**
     * Issues the first certificate.
     *
     * @throws ServingRefused when it cannot be made: the server must not start
     */
    public static ServingCertificate issue(Parts parts, InstantSource clock, SecureRandom random) {
        return issue(parts, DEFAULT_LIFE, clock, random);
    }

    /**
     * As {@link #issue(Parts, InstantSource, SecureRandom)}.
     *
     * @param life wanted; never beyond the authority's own
     */
    public static ServingCertificate issue(
            Parts parts, Duration life, InstantSource clock, SecureRandom random) {
        return issue(parts, ServedName.caServer(parts.trustDomain()), life, clock, random);
    }

    /**
     * As {@link #issue(Parts, Duration, InstantSource, SecureRandom)}.
     *
     * @param name as whom
     */
    public static ServingCertificate issue(
            Parts parts, ServedName name, Duration life, InstantSource clock, SecureRandom random) {
        return new ServingCertificate(
                new ServingIssuer(parts, name, life, random),
                parts.signer(),
                parts.verifier(),
                clock.instant());
    }

    /** What to answer with now. */
    public Held current() {
        return current;
    }

    /** Runs after every replacement; open connections keep what they negotiated. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Replaces the certificate when it is due.
     *
     * @throws ServingRefused when it is due and cannot be made; the one before stays in use
     */
    public void maintain(Instant now) {
        if (replaceIfDue(now)) {
            listeners.forEach(ServingCertificate::tell);
        }
    }

    /**
     * Replaces it when agents are about to be told not to believe it.
     *
     * @param denied why a certificate is denied; empty when it is not
     * @throws ServingRefused when it cannot be made; the one before stays in use
     */
    public void replaceIfDenied(Function<VerifiedPeer, Optional<String>> denied, Instant now) {
        boolean affected;
        try {
            affected = denied.apply(verifier.verify(current.chain())).isPresent();
        } catch (TrustRefused e) {
            affected = true;
        }
        if (affected) {
            issue(now);
            listeners.forEach(ServingCertificate::tell);
        }
    }

    private synchronized boolean replaceIfDue(Instant now) {
        if (!isDue(current, now)) {
            return false;
        }
        issue(now);
        return true;
    }

    private synchronized void issue(Instant now) {
        current = issuer.issue(now);
        LOG.atInfo()
                .addKeyValue("serial", current.chain().getFirst().getSerialNumber().toString(16))
                .addKeyValue("notAfter", current.chain().getFirst().getNotAfter().toInstant())
                .log("replaced the server's own certificate");
    }

    private boolean isDue(Held held, Instant now) {
        X509Certificate leaf = held.chain().getFirst();
        Instant notAfter = leaf.getNotAfter().toInstant();
        Instant half =
                held.issuedAt().plus(Duration.between(held.issuedAt(), notAfter).dividedBy(2));
        return !now.isBefore(half)
                || now.isBefore(leaf.getNotBefore().toInstant())
                || !isBelieved(held)
                || !isUnderSigningRoot(held);
    }

    /** A root that is being replaced stays as long as what it stands above: so no longer than need be. */
    private boolean isUnderSigningRoot(Held held) {
        try {
            X509Certificate above = held.chain().get(1);
            return above.getIssuerX500Principal()
                    .equals(signer.active().certificate().getIssuerX500Principal());
        } catch (AuthorityRefused nobodySignsNow) {
            return true;
        }
    }

    private boolean isBelieved(Held held) {
        try {
            verifier.verify(held.chain());
            return true;
        } catch (TrustRefused e) {
            LOG.atWarn()
                    .addKeyValue("refusal", e.refusal())
                    .log("agents would refuse the server's own certificate");
            return false;
        }
    }

    private static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("listener failed after a change of the certificate");
        }
    }
}
