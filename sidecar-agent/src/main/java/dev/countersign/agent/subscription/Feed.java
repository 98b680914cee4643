package dev.countersign.agent.subscription;

import com.google.protobuf.Timestamp;
import dev.countersign.agent.directory.Directory;
import dev.countersign.agent.directory.DirectorySource;
import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.DenyTable;
import dev.countersign.feed.FederatedBundle;
import dev.countersign.feed.Snapshot;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.authentication.RequestAuthentications;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.FederatedBundles;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.FeedCodec;
import dev.countersign.wire.v1.SubscribeResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The newest snapshot that was believed, compiled. What comes in is verified, compiled whole, put in
 * force by one reference, told to listeners, kept; in that order. Written by one thread, read by all.
 */
public final class Feed implements PolicySource, DenyList, DirectorySource {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    /** Deltas kept on top of one snapshot; then a new snapshot is asked for. */
    static final int MAX_DELTAS = 256;

    private static final int MAX_REFUSAL = 1000;

    private final BundleKeeper bundles;
    private final Supplier<Optional<SpiffeId>> self;
    private final LastKnownGood kept;
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<List<DenyEntry>>> onDenied = new CopyOnWriteArrayList<>();
    private volatile FederatedBundles federation;
    private volatile BooleanSupplier recovery = () -> false;
    private volatile @Nullable Applied applied;
    private volatile @Nullable Instant lastConfirmed;

    // Touched by the writer alone.
    private final List<SubscribeResponse> messages = new ArrayList<>();
    private long lastSeen;

    /**
     * @param self whose agent this is; empty before the first certificate
     */
    public Feed(
            BundleKeeper bundles,
            Supplier<Optional<SpiffeId>> self,
            LastKnownGood kept,
            InstantSource clock) {
        this.bundles = bundles;
        this.federation = new FederatedBundles(bundles);
        this.self = self;
        this.kept = kept;
        this.clock = clock;
        bundles.onChange(() -> {
            bundles.signed().ifPresent(kept::save);
            tell();
        });
    }

    /** One revision in force. */
    private record Applied(
            Snapshot snapshot, InForce inForce, DenyTable deny, Directory directory) {
        Applied at(Snapshot later) {
            return new Applied(later, inForce, deny, directory);
        }
    }

    /**
     * What became of a message.
     *
     * @param refusal why it is not in force, or what part cannot be applied; empty when all is well
     * @param resync whether only a new stream with a new snapshot helps
     * @param unknownKey whether it is signed by no key that is known
     */
    record Outcome(String refusal, boolean resync, boolean unknownKey) {
        Outcome(String refusal, boolean resync) {
            this(refusal, resync, false);
        }
    }

    @Override
    public Optional<InForce> current() {
        Applied now = applied;
        return now == null || tooOld(now) ? Optional.empty() : Optional.of(now.inForce());
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public Optional<String> denies(VerifiedPeer peer) {
        Applied now = applied;
        return now == null ? Optional.empty() : now.deny().denies(peer);
    }

    /**
     * Called with the entries that are new, once they are in force and before other listeners; on the
     * subscription's thread. Must return quickly.
     */
    public void onDenied(Consumer<List<DenyEntry>> listener) {
        onDenied.add(listener);
    }

    @Override
    public Optional<Directory> directory() {
        return Optional.ofNullable(applied).map(Applied::directory);
    }

    @Override
    public boolean stale() {
        Applied now = applied;
        return now != null && tooOld(now);
    }

    /** What the server wants of this agent; empty before the first snapshot. */
    public Optional<AgentSettings> settings() {
        return Optional.ofNullable(applied).map(now -> now.snapshot().settings());
    }

    public long revision() {
        Applied now = applied;
        return now == null ? 0 : now.snapshot().revision();
    }

    /** When the server was last known to have nothing newer. */
    public Optional<Instant> lastConfirmed() {
        return Optional.ofNullable(lastConfirmed);
    }

    /** Puts what was kept in force again, under the rules of what is new. */
    public void restore() {
        for (SubscribeResponse message : kept.feed()) {
            Outcome outcome = apply(message);
            if (revision() != message.getRevision()) {
                LOG.atWarn()
                        .addKeyValue("reason", outcome.refusal())
                        .log("kept policies not used, denying until the control plane answers");
                applied = null;
                messages.clear();
                return;
            }
        }
        Applied now = applied;
        if (now != null) {
            lastConfirmed = now.snapshot().issuedAt();
            LOG.atInfo().addKeyValue("revision", revision()).log("resumed with the kept policies");
        }
    }

    long bundleEpoch() {
        return bundles.epoch();
    }

    Optional<SignedTrustBundle> signedBundle() {
        return bundles.signed();
    }

    /** The stream lives: what is in force is the newest. */
    void confirmed(Instant now) {
        lastConfirmed = now;
    }

    Outcome take(SubscribeResponse message) {
        lastConfirmed = clock.instant();
        Outcome outcome = apply(message);
        if (!messages.isEmpty() && messages.getLast().equals(message)) {
            kept.save(messages);
        }
        if (!outcome.refusal().isEmpty()) {
            LOG.atError()
                    .addKeyValue("revision", message.getRevision())
                    .addKeyValue("reason", outcome.refusal())
                    .addKeyValue("inForce", revision())
                    .log("not everything in this revision can be applied");
        }
        return outcome;
    }

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    /** Where the bundles of other trust domains go. */
    public void federate(FederatedBundles others) {
        federation = others;
    }

    /**
     * Called, on the subscription's thread, when a message is signed by a key that nobody announced here;
     * answers whether a newer bundle is held since.
     */
    public void recoverBy(BooleanSupplier how) {
        recovery = how;
    }

    private Outcome apply(SubscribeResponse message) {
        Outcome outcome = attempt(message);
        return outcome.unknownKey() && recovery.getAsBoolean() ? attempt(message) : outcome;
    }

    private Outcome attempt(SubscribeResponse message) {
        try {
            Snapshot next = believe(message);
            Applied before = applied;
            Applied compiled =
                    before != null && sameContent(before.snapshot(), next)
                            ? before.at(next)
                            : compile(next);
            boolean same =
                    before != null
                            && before.inForce().equals(compiled.inForce())
                            && before.directory().equals(compiled.directory());
            Optional<String> bundleProblem = offer(next.bundle());
            boolean others = federation.set(believedOf(next.federated()));
            applied = compiled;
            lastSeen = next.revision();
            remember(message);
            tellDenied(before, next);
            if (!same || others) {
                tell();
            }
            LOG.atLevel(same ? Level.DEBUG : Level.INFO)
                    .addKeyValue("revision", next.revision())
                    .addKeyValue("policies", next.policies().size())
                    .addKeyValue("denied", next.deny().size())
                    .addKeyValue("bundleEpoch", bundles.epoch())
                    .log("policies in force");
            return outcome(compiled, bundleProblem);
        } catch (TrustRefused e) {
            return new Outcome(
                    cut(e),
                    e.refusal() == Refusal.SNAPSHOT_OTHER_BASE,
                    e.refusal() == Refusal.SNAPSHOT_BAD_SIGNATURE
                            || e.refusal() == Refusal.BUNDLE_UNKNOWN_KEY);
        } catch (IllegalArgumentException e) {
            return new Outcome(cut(e), false);
        }
    }

    /** Every new stream begins with a snapshot; mostly it says what is known, made anew. */
    private static boolean sameContent(Snapshot held, Snapshot next) {
        return held.revision() == next.revision()
                && held.policies().equals(next.policies())
                && held.deny().equals(next.deny())
                && held.directory().equals(next.directory())
                && held.settings().equals(next.settings())
                && held.subscriber().equals(next.subscriber())
                && held.peerAuthentications().equals(next.peerAuthentications())
                && held.requestAuthentications().equals(next.requestAuthentications())
                && held.keySets().equals(next.keySets())
                && held.federated().equals(next.federated());
    }

    private static List<TrustBundle> believedOf(List<FederatedBundle> bundles) {
        return bundles.stream()
                .map(one -> FederatedBundles.of(one.trustDomain(), one.roots(), one.sequence()))
                .toList();
    }

    private Snapshot believe(SubscribeResponse message) throws TrustRefused {
        Optional<SpiffeId> me = self.get();
        if (me.isEmpty()) {
            throw new IllegalArgumentException("subject: no certificate yet (expected: one)");
        }
        Snapshot believed =
                switch (message.getMessageCase()) {
                    case SNAPSHOT ->
                            FeedCodec.verify(
                                    message.getSnapshot(),
                                    bundles.signingKeys(),
                                    me.get(),
                                    lastSeen);
                    case DELTA ->
                            FeedCodec.verify(message.getDelta(), bundles.signingKeys(), held());
                    case EDGE_RECEIPT, DENIAL_RECEIPT, RENEWAL, MESSAGE_NOT_SET ->
                            throw new IllegalArgumentException(
                                    "message: no policies in it (expected: snapshot or delta)");
                };
        if (believed.revision() != message.getRevision()) {
            throw new IllegalArgumentException(
                    "revision: "
                            + message.getRevision()
                            + " (expected: "
                            + believed.revision()
                            + ", as signed)");
        }
        return believed;
    }

    private Snapshot held() throws TrustRefused {
        Applied now = applied;
        if (now == null) {
            throw new TrustRefused(
                    Refusal.SNAPSHOT_OTHER_BASE, "delta: without a snapshot (expected: on one)");
        }
        return now.snapshot();
    }

    private Applied compile(Snapshot next) {
        SpiffeId recorded = SpiffeId.of(next.trustDomain(), next.subscriber().account());
        if (!recorded.equals(next.subject())) {
            throw new IllegalArgumentException(
                    "subscriber: " + recorded + " (expected: " + next.subject() + ")");
        }
        Workload workload =
                new Workload(
                        next.subscriber().account().namespace(),
                        next.subscriber().account().name(),
                        next.subscriber().labels());
        return new Applied(
                next, inForce(next, workload), new DenyTable(next.deny(), clock), directory(next));
    }

    private Directory directory(Snapshot next) {
        Applied before = applied;
        return before == null
                ? Directory.of(next.directory())
                : before.directory().next(next.directory(), clock.instant());
    }

    /** Compiles what is not in force already. */
    private InForce inForce(Snapshot next, Workload workload) {
        Applied before = applied;
        MeshSettings mesh = next.settings().mesh();
        PeerAuthentications peers = new PeerAuthentications(mesh, next.peerAuthentications());
        RequestAuthentications tokens =
                new RequestAuthentications(mesh, next.requestAuthentications());
        if (before == null) {
            PolicySet policies = PolicySet.of(next.revision(), mesh, next.policies(), clock);
            return InForce.of(policies, workload, peers, tokens, next.keySets());
        }
        InForce now = before.inForce();
        PolicySet policies = now.policies().successor(next.revision(), mesh, next.policies());
        return now.next(policies, workload, peers, tokens, next.keySets());
    }

    private void remember(SubscribeResponse message) {
        if (message.hasSnapshot()) {
            messages.clear();
        }
        messages.add(message);
    }

    /**
     * A bundle that is not believed refuses the whole message, but age does not: what is held may be
     * newer (it came with a certificate, or was kept), and an expired one only warns. One that failed
     * its trial is believed and cannot be used here: what came with it still counts.
     *
     * @return what to say of it; empty when all is well
     */
    private Optional<String> offer(SignedTrustBundle bundle) throws TrustRefused {
        try {
            bundles.offer(bundle);
            return Optional.empty();
        } catch (TrustRefused e) {
            if (e.refusal() == Refusal.BUNDLE_EPOCH_WENT_BACK) {
                return Optional.empty();
            }
            if (e.refusal() == Refusal.BUNDLE_EXPIRED || e.refusal() == Refusal.BUNDLE_UNUSABLE) {
                return Optional.of(cut(e));
            }
            throw e;
        }
    }

    private Outcome outcome(Applied now, Optional<String> bundleProblem) {
        List<String> inapplicable = now.deny().inapplicable();
        String refusal =
                inapplicable.isEmpty()
                        ? bundleProblem.orElse("")
                        : "deny entries that name pods cannot be applied: " + inapplicable;
        return new Outcome(
                refusal.length() > MAX_REFUSAL ? refusal.substring(0, MAX_REFUSAL) : refusal,
                messages.size() > MAX_DELTAS);
    }

    private void tellDenied(@Nullable Applied before, Snapshot next) {
        Set<DenyEntry> known = before == null ? Set.of() : new HashSet<>(before.snapshot().deny());
        List<DenyEntry> fresh =
                next.deny().stream().filter(entry -> !known.contains(entry)).toList();
        if (!fresh.isEmpty()) {
            onDenied.forEach(listener -> listener.accept(fresh));
        }
    }

    private void tell() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("listener failed after a change");
            }
        }
    }

    private boolean tooOld(Applied now) {
        Optional<Duration> maxStale = now.snapshot().settings().maxStale();
        Instant confirmed = lastConfirmed;
        return maxStale.isPresent()
                && confirmed != null
                && confirmed.plus(maxStale.get()).isBefore(clock.instant());
    }

    private static String cut(Exception refused) {
        String text = String.valueOf(refused.getMessage());
        return text.length() > MAX_REFUSAL ? text.substring(0, MAX_REFUSAL) : text;
    }
}
