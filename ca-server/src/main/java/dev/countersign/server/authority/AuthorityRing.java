package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CrlAssembler;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authorities of this process: the root in the vault, the intermediate that signs now, and those
 * before it for plans that are under way. Readers never wait; {@link #maintain} is called every few
 * seconds by the wiring and does what is due.
 *
 * <p>It is also what the server itself believes: its {@link TrustBundles} is the bundle it publishes.
 */
public final class AuthorityRing implements Signer, BundlePublisher, TrustBundles {
    private static final Logger LOG = LoggerFactory.getLogger(AuthorityRing.class);
    private static final int MAX_AUTHORITIES = 8;

    /** What the ring works with; wired once. */
    public record Parts(
            AuthoritySettings settings,
            KeyVault vault,
            KeyVault intermediateKeys,
            AuthorityJournal journal,
            AuditTrail audit,
            CertificateAssembler assembler) {}

    private final Parts parts;
    private final InstantSource clock;
    private final IntermediateMaker intermediates;
    private final Epochs epochs;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile RingSnapshot snapshot;

    private AuthorityRing(Parts parts, InstantSource clock, SecureRandom random)
            throws KeyVaultException, AuditUnavailable {
        this.parts = parts;
        this.clock = clock;
        AuthoritySettings settings = parts.settings();
        Certifier certifier = new Certifier(parts.assembler(), random);
        AuthorityEvents events = new AuthorityEvents(parts.audit(), settings.trustDomain());
        epochs = new Epochs(settings, parts.vault(), parts.journal(), certifier, events);
        intermediates =
                new IntermediateMaker(
                        settings, parts.intermediateKeys(), certifier, events, random);
        Instant now = clock.instant();
        AuthorityState state = epochs.loadOrCreate(now);
        snapshot = new RingSnapshot(state, List.of(intermediates.make(state, now)));
    }

    /**
     * Loads the authority, or makes root, bundle-signing key and epoch 1 when the journal is empty.
     *
     * @throws AuthorityRefused when journal and vault do not fit together: nothing is made anew
     * @throws KeyVaultException when the vault cannot be used
     * @throws AuditUnavailable when nothing can be recorded: then nothing is made
     */
    public static AuthorityRing open(Parts parts, InstantSource clock, SecureRandom random)
            throws KeyVaultException, AuditUnavailable {
        return new AuthorityRing(parts, clock, random);
    }

    @Override
    public IssuingAuthority active() {
        Instant now = clock.instant();
        Authority active = snapshot.active();
        if (!active.mayIssueAt(now)) {
            active = renewed(now);
        }
        return active.view();
    }

    @Override
    public X509Certificate sign(LintedCertificate linted) throws KeyVaultException {
        for (Authority authority : snapshot.authorities()) {
            if (authority.hasIssued(linted.plan())) {
                return authority.sign(linted, parts.assembler(), clock.instant());
            }
        }
        throw new AuthorityRefused(
                Reason.ISSUER_UNKNOWN,
                "issuer: "
                        + linted.plan().issuer().getSubjectX500Principal()
                        + " (expected: an authority of this process)");
    }

    @Override
    public boolean isAuthorityKey(String publicKeyHash) {
        return snapshot.keyHashes().contains(publicKeyHash);
    }

    @Override
    public TrustBundle bundle() {
        return snapshot.state().bundle();
    }

    @Override
    public SignedTrustBundle signedBundle() {
        return snapshot.state().signed();
    }

    @Override
    public String keyId() {
        return snapshot.state().signed().keyId();
    }

    @Override
    public byte[] sign(String context, byte[] payload) throws KeyVaultException {
        return BundleMaker.sign(
                snapshot.state().bundleKey(), context.getBytes(StandardCharsets.US_ASCII), payload);
    }

    /**
     * A revocation list of the root, for everything under it.
     *
     * @param toBeSigned DER TBSCertList, given who signs
     * @return DER
     */
    public byte[] signRevocationList(Function<X509Certificate, byte[]> toBeSigned)
            throws KeyVaultException {
        AuthorityState state = snapshot.state();
        byte[] bytes = toBeSigned.apply(state.root());
        return CrlAssembler.list(bytes, state.root().getPublicKey(), state.rootKey().sign(bytes));
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        TrustBundle bundle = bundle();
        return bundle.trustDomain().equals(trustDomain) ? Optional.of(bundle) : Optional.empty();
    }

    @Override
    public long epoch() {
        return snapshot.state().epoch();
    }

    /**
     * Does what is due: takes over an epoch that another replica made, issues the bundle anew, makes
     * the next intermediate. One failing does not keep the others from being done; what is in force
     * stays in force.
     *
     * @throws AuthorityRefused with the first failure; call again later
     */
    public void maintain(Instant now) {
        boolean changed = false;
        changing.lock();
        try {
            long before = epoch();
            Optional<AuthorityRefused> failure = attempt(() -> refreshBundle(now));
            Optional<AuthorityRefused> second = attempt(() -> renewIntermediate(now));
            changed = epoch() != before;
            failure.or(() -> second)
                    .ifPresent(refused -> {
                        throw refused;
                    });
        } finally {
            changing.unlock();
            if (changed) {
                tellListeners();
            }
        }
    }

    /**
     * Nothing more is signed by this intermediate, and its key is destroyed; another takes its place
     * when it was the active one. Of other processes' intermediates nothing is known here.
     *
     * @throws AuthorityRefused when no other can be made now: this one stays, call again
     */
    public void retire(String issuerKeyId, Instant now) {
        changing.lock();
        try {
            if (snapshot.authorities().stream()
                    .anyMatch(authority -> authority.view().keyId().equals(issuerKeyId))) {
                attempt(() -> replaceIntermediate(issuerKeyId, now))
                        .ifPresent(refused -> {
                            throw refused;
                        });
            }
        } finally {
            changing.unlock();
        }
    }

    private void replaceIntermediate(String issuerKeyId, Instant now)
            throws KeyVaultException, AuditUnavailable {
        List<Authority> authorities = new ArrayList<>();
        if (snapshot.active().view().keyId().equals(issuerKeyId)) {
            authorities.add(intermediates.make(snapshot.state(), now));
        }
        for (Authority authority : snapshot.authorities()) {
            if (authority.view().keyId().equals(issuerKeyId)) {
                intermediates.destroy(authority);
            } else if (authorities.size() < MAX_AUTHORITIES) {
                authorities.add(authority);
            }
        }
        snapshot = new RingSnapshot(snapshot.state(), List.copyOf(authorities));
    }

    /** The clock has left the validity of the active authority before anybody maintained it. */
    private Authority renewed(Instant now) {
        try {
            maintain(now);
        } catch (AuthorityRefused e) {
            if (!snapshot.active().mayIssueAt(now)) {
                throw e;
            }
        }
        return snapshot.active();
    }

    private void refreshBundle(Instant now) throws KeyVaultException, AuditUnavailable {
        RingSnapshot before = snapshot;
        AuthorityState newest = epochs.refresh(before.state(), now);
        if (newest.epoch() != before.state().epoch()) {
            snapshot = before.with(newest);
        }
    }

    private void renewIntermediate(Instant now) throws KeyVaultException, AuditUnavailable {
        Authority active = snapshot.active();
        if (active.isUnder(snapshot.state().root()) && !isWorthReplacing(active, now)) {
            return;
        }
        List<Authority> authorities = new ArrayList<>();
        authorities.add(intermediates.make(snapshot.state(), now));
        for (Authority old : snapshot.authorities()) {
            if (old.isExpiredAt(now) || authorities.size() >= MAX_AUTHORITIES) {
                intermediates.destroy(old);
            } else {
                authorities.add(old);
            }
        }
        snapshot = new RingSnapshot(snapshot.state(), List.copyOf(authorities));
    }

    /** Near the root's own end a new intermediate would end at the same instant. */
    private boolean isWorthReplacing(Authority active, Instant now) {
        Instant rootEnd = snapshot.state().root().getNotAfter().toInstant();
        boolean couldLiveLonger = active.view().latestNotAfter().isBefore(rootEnd);
        return active.isDueAt(now) && (couldLiveLonger || !active.mayIssueAt(now));
    }

    private static Optional<AuthorityRefused> attempt(Step step) {
        try {
            step.run();
            return Optional.empty();
        } catch (AuthorityRefused e) {
            return Optional.of(e);
        } catch (KeyVaultException e) {
            return unavailable(Reason.KEY_UNAVAILABLE, "key vault", e);
        } catch (AuditUnavailable e) {
            return unavailable(Reason.AUDIT_UNAVAILABLE, "audit trail", e);
        } catch (RuntimeException e) {
            // The journal is a port; whatever its store throws means that it cannot be reached.
            return unavailable(Reason.JOURNAL_UNAVAILABLE, "journal", e);
        }
    }

    private static Optional<AuthorityRefused> unavailable(
            Reason reason, String what, Exception cause) {
        return Optional.of(
                new AuthorityRefused(
                        reason,
                        what + ": " + cause.getMessage() + " (expected: available)",
                        cause));
    }

    private void tellListeners() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("listener failed after a bundle change");
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws KeyVaultException, AuditUnavailable;
    }
}
