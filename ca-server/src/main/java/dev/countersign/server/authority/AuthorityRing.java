package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.upstream.UpstreamIntermediates;
import dev.countersign.server.authority.upstream.UpstreamRefused;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CrlAssembler;
import dev.countersign.trust.BundleKeeper;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
            IssuedLeaves leaves,
            AuditTrail audit,
            CertificateAssembler assembler,
            Optional<UpstreamIntermediates> upstream) {
        /** Without an upstream authority. */
        public Parts(
                AuthoritySettings settings,
                KeyVault vault,
                KeyVault intermediateKeys,
                AuthorityJournal journal,
                IssuedLeaves leaves,
                AuditTrail audit,
                CertificateAssembler assembler) {
            this(
                    settings,
                    vault,
                    intermediateKeys,
                    journal,
                    leaves,
                    audit,
                    assembler,
                    Optional.empty());
        }

        /** Of an authority whose root is never rotated. */
        public Parts(
                AuthoritySettings settings,
                KeyVault vault,
                KeyVault intermediateKeys,
                AuthorityJournal journal,
                AuditTrail audit,
                CertificateAssembler assembler) {
            this(settings, vault, intermediateKeys, journal, IssuedLeaves.NONE, audit, assembler);
        }
    }

    private final Parts parts;
    private final InstantSource clock;
    private final IntermediateMaker intermediates;
    private final Epochs epochs;
    private final AuthorityEvents events;
    private final SuccessorMaker successors;
    private final PhaseLease lease;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile RingSnapshot snapshot;
    private volatile Handovers handovers = new Handovers("", List.of());

    private AuthorityRing(Parts parts, InstantSource clock, LongSupplier nanos, SecureRandom random)
            throws KeyVaultException, AuditUnavailable {
        this.parts = parts;
        this.clock = clock;
        AuthoritySettings settings = parts.settings();
        Certifier certifier = new Certifier(parts.assembler(), random);
        events = new AuthorityEvents(parts.audit(), settings.trustDomain());
        epochs =
                new Epochs(
                        settings,
                        parts.vault(),
                        parts.journal(),
                        certifier,
                        events,
                        parts.upstream());
        intermediates =
                new IntermediateMaker(
                        settings,
                        parts.intermediateKeys(),
                        certifier,
                        events,
                        parts.leaves(),
                        parts.upstream(),
                        random);
        successors = new SuccessorMaker(settings, parts.vault(), certifier, events);
        lease = new PhaseLease(settings.lease(), nanos);
        Instant now = clock.instant();
        long asked = lease.now();
        snapshot = new RingSnapshot(epochs.loadOrCreate(now), List.of());
        try {
            renewIntermediates(now);
        } catch (UpstreamRefused refused) {
            throw new AuthorityRefused(
                    Reason.UPSTREAM_UNAVAILABLE,
                    "upstream: " + refused.getMessage() + " (expected: an intermediate)",
                    refused);
        }
        lease.confirmed(asked);
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
        return open(parts, clock, System::nanoTime, random);
    }

    /**
     * As {@link #open(Parts, InstantSource, SecureRandom)}.
     *
     * @param nanos monotonic clock, nanoseconds
     */
    public static AuthorityRing open(
            Parts parts, InstantSource clock, LongSupplier nanos, SecureRandom random)
            throws KeyVaultException, AuditUnavailable {
        return new AuthorityRing(parts, clock, nanos, random);
    }

    @Override
    public IssuingAuthority active() {
        return active(state -> state.root().root());
    }

    @Override
    public IssuingAuthority activeFor(String namespace, Supplier<Map<String, String>> labels) {
        return active(state ->
                state.canary()
                        .filter(canary ->
                                state.rotation().canaries().stream()
                                        .anyMatch(selector ->
                                                selector.matches(namespace, labels.get())))
                        .orElse(state.root())
                        .root());
    }

    private IssuingAuthority active(Function<AuthorityState, KnownRoot> root) {
        Instant now = clock.instant();
        confirmPhase(now);
        RingSnapshot seen = snapshot;
        KnownRoot under = root.apply(seen.state());
        Authority active =
                seen.under(under)
                        .filter(authority -> authority.mayIssueAt(now))
                        .orElseGet(() -> renewed(under, now));
        return active.view(seen.state().rotation().cross(under));
    }

    @Override
    public X509Certificate sign(LintedCertificate linted) throws KeyVaultException {
        Instant now = clock.instant();
        confirmPhase(now);
        RingSnapshot seen = snapshot;
        for (Authority authority : seen.authorities()) {
            if (authority.hasIssued(linted.plan())) {
                checkMaySign(authority, seen.state().rotation());
                X509Certificate leaf = authority.sign(linted, parts.assembler(), now);
                // Paused since: another phase may have begun, so this never leaves the process.
                if (!lease.holds()) {
                    throw stale();
                }
                return leaf;
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

    /** Read once for each bundle-signing key: anybody may ask, and asks often. */
    @Override
    public List<SignedTrustBundle> handovers() {
        String key = keyId();
        Handovers known = handovers;
        if (!known.keyId().equals(key)) {
            known = new Handovers(key, parts.journal().handovers(BundleKeeper.MAX_HANDOVERS));
            handovers = known;
        }
        return known.bundles();
    }

    private record Handovers(String keyId, List<SignedTrustBundle> bundles) {}

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
        byte[] bytes = toBeSigned.apply(state.root().certificate());
        return CrlAssembler.list(
                bytes, state.root().key().publicKey(), state.root().key().sign(bytes));
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
            Optional<AuthorityRefused> second = attempt(() -> renewIntermediates(now));
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
            throws KeyVaultException, AuditUnavailable, UpstreamRefused {
        List<Authority> authorities = new ArrayList<>();
        for (AuthorityState.SigningRoot root : signingRoots()) {
            boolean active =
                    snapshot.under(root.root())
                            .filter(newest -> newest.view().keyId().equals(issuerKeyId))
                            .isPresent();
            if (active) {
                authorities.add(intermediates.make(root, now));
            }
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

    /**
     * Makes the epoch of a move and acts by it.
     *
     * @param from the state that the move was decided in
     * @return false when another epoch was made meanwhile: decide again
     */
    boolean move(AuthorityState from, RotationState next, Instant now)
            throws KeyVaultException, AuditUnavailable {
        changing.lock();
        try {
            long asked = lease.now();
            Optional<AuthorityState> made = epochs.move(from, next, now);
            if (made.isEmpty()) {
                return false;
            }
            snapshot = snapshot.with(made.get());
            lease.confirmed(asked);
            attempt(() -> renewIntermediates(now))
                    .ifPresent(later ->
                            LOG.atWarn()
                                    .addKeyValue("reason", later.getMessage())
                                    .log("no intermediate of this phase yet, trying" + " again"));
        } finally {
            changing.unlock();
        }
        tellListeners();
        return true;
    }

    AuthorityState state() {
        return snapshot.state();
    }

    SuccessorMaker successors() {
        return successors;
    }

    AuthorityEvents events() {
        return events;
    }

    IssuedLeaves leaves() {
        return parts.leaves();
    }

    /** Whether roots are made elsewhere only. */
    boolean importsRoots() {
        return parts.settings().importedRoot();
    }

    /** When what signs intermediates here ends: the online issuer, or the root itself. */
    public Instant signsUntil() {
        return snapshot.state().rotation().signing().signsUntil();
    }

    /** When the intermediate ends that this process signs by. */
    public Instant issuesUntil() {
        return snapshot.authorities().getFirst().view().latestNotAfter();
    }

    /** Whether the intermediates of this process are signed upstream. */
    public boolean signsUpstream() {
        return snapshot.state().rotation().signing().isUpstream();
    }

    /** Whether that is an online issuer below a root that is kept elsewhere. */
    public boolean signsByIssuer() {
        return !snapshot.state().rotation().signing().issuers().isEmpty();
    }

    /** Where a rotation stands. */
    public RotationState rotation() {
        return snapshot.state().rotation();
    }

    /** The clock has left the validity of the active authority before anybody maintained it. */
    private Authority renewed(KnownRoot root, Instant now) {
        Optional<AuthorityRefused> failure = Optional.empty();
        try {
            maintain(now);
        } catch (AuthorityRefused e) {
            failure = Optional.of(e);
        }
        Optional<Authority> found = snapshot.under(root).filter(one -> one.mayIssueAt(now));
        if (found.isEmpty()) {
            throw failure.orElseGet(() ->
                    new AuthorityRefused(
                            Reason.ISSUER_RETIRED,
                            "root " + root.keyId() + ": signs no longer (expected: ask again)"));
        }
        return found.get();
    }

    /** Looks at the journal when that was too long ago. */
    private void confirmPhase(Instant now) {
        if (lease.holds()) {
            return;
        }
        Optional<AuthorityRefused> failure = Optional.empty();
        try {
            maintain(now);
        } catch (AuthorityRefused e) {
            failure = Optional.of(e);
        }
        if (!lease.holds()) {
            throw failure.orElseGet(AuthorityRing::stale);
        }
    }

    private static AuthorityRefused stale() {
        return new AuthorityRefused(
                Reason.PHASE_STALE,
                "journal: not confirmed in time, another phase may have begun"
                        + " (expected: confirmed, ask again)");
    }

    private static void checkMaySign(Authority authority, RotationState rotation) {
        if (rotation.signers().stream().noneMatch(authority::leadsTo)) {
            throw new AuthorityRefused(
                    Reason.ISSUER_RETIRED,
                    "root "
                            + authority.root().keyId()
                            + ": signs nothing in phase "
                            + rotation.phase()
                            + " (expected: one of "
                            + rotation.signers()
                            + ", ask again)");
        }
    }

    private void refreshBundle(Instant now) throws KeyVaultException, AuditUnavailable {
        RingSnapshot before = snapshot;
        long asked = lease.now();
        AuthorityState newest = epochs.refresh(before.state(), now);
        if (newest.epoch() != before.state().epoch()) {
            snapshot = before.with(newest);
        }
        lease.confirmed(asked);
    }

    /** One for each root that signs now; those of roots that are gone are forgotten. */
    private void renewIntermediates(Instant now)
            throws KeyVaultException, AuditUnavailable, UpstreamRefused {
        List<Authority> made = new ArrayList<>();
        for (AuthorityState.SigningRoot root : signingRoots()) {
            Optional<Authority> newest = snapshot.under(root.root());
            if (newest.isEmpty() || isWorthReplacing(newest.get(), root.root(), now)) {
                made.add(intermediates.make(root, now));
            }
        }
        keep(made, now);
    }

    private List<AuthorityState.SigningRoot> signingRoots() {
        List<AuthorityState.SigningRoot> signing = new ArrayList<>();
        signing.add(snapshot.state().root());
        snapshot.state().canary().ifPresent(signing::add);
        return signing;
    }

    private void keep(List<Authority> made, Instant now) throws KeyVaultException {
        List<Authority> authorities = new ArrayList<>(made);
        List<KnownRoot> trusted = snapshot.state().rotation().trusted();
        for (Authority old : snapshot.authorities()) {
            boolean gone = old.isExpiredAt(now) || trusted.stream().noneMatch(old::leadsTo);
            if (gone || authorities.size() >= MAX_AUTHORITIES) {
                intermediates.destroy(old);
            } else {
                authorities.add(old);
            }
        }
        if (!authorities.equals(snapshot.authorities())) {
            snapshot = snapshot.with(List.copyOf(authorities));
        }
    }

    /** Near the end of what signs it a new intermediate would end at the same instant. */
    private boolean isWorthReplacing(Authority active, KnownRoot root, Instant now) {
        if (!active.isUnder(root)) {
            return !active.mayIssueAt(now) || isOldEnough(root, now);
        }
        boolean couldLiveLonger = active.view().latestNotAfter().isBefore(root.signsUntil());
        boolean due = active.isDueAt(now) && (couldLiveLonger || !active.mayIssueAt(now));
        // Upstream is asked long before: what signs still goes on until it has answered.
        return due && (!active.mayIssueAt(now) || intermediates.isReady(root));
    }

    /** Clocks that lag believe nothing below an issuer that was signed just now. */
    private static boolean isOldEnough(KnownRoot root, Instant now) {
        return !now.minus(Certifier.INTERMEDIATE_BACKDATE)
                .isBefore(root.signing().getNotBefore().toInstant());
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
        } catch (UpstreamRefused e) {
            return unavailable(Reason.UPSTREAM_UNAVAILABLE, "upstream", e);
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
        void run() throws KeyVaultException, AuditUnavailable, UpstreamRefused;
    }
}
