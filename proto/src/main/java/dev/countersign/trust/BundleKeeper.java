package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the newest believed bundle of one trust domain; fed by {@link #offer}. Until the first one
 * the roots of the {@link Bootstrap} are the bundle.
 *
 * <p>A bundle is believed by signature, freshness and epoch, whatever connection carried it. It must
 * be signed by a key of the bundle that is held, or by the successor that one announced; from then
 * on only the new bundle's keys count, so a retired key has no word any more. Who slept through that
 * is shown the bundles in which each key announced the next ({@link #offer(SignedTrustBundle, List)}).
 *
 * <p>Safe for many threads; readers never wait. A refused bundle changes nothing.
 */
public final class BundleKeeper implements TrustBundles {
    /** Rotations of the bundle-signing key that may be slept through. */
    public static final int MAX_HANDOVERS = 16;

    /** Bytes of a payload. */
    public static final int MAX_PAYLOAD = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(BundleKeeper.class);

    private final InstantSource clock;
    private final BundleDecoder decoder;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Held held;
    private volatile BundleTrial trial = BundleTrial.NONE;

    public BundleKeeper(Bootstrap bootstrap, InstantSource clock, BundleDecoder decoder) {
        this.clock = clock;
        this.decoder = decoder;
        this.held = Held.of(bootstrap);
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        TrustBundle bundle = held.bundle();
        return bundle.trustDomain().equals(trustDomain) ? Optional.of(bundle) : Optional.empty();
    }

    /**
     * The epoch of the bundle that is held. While that is still the bootstrap's it is one less than
     * the least that will be believed, so that the first signed bundle always is a change.
     */
    @Override
    public long epoch() {
        return held.epoch();
    }

    /** The bundle in force: the newest believed one, or the bootstrap's. */
    public TrustBundle current() {
        return held.bundle();
    }

    /** The newest believed bundle as it was signed; empty while the bootstrap is in force. */
    public Optional<SignedTrustBundle> signed() {
        return held.signed();
    }

    /** Whose signatures on snapshots, deltas and the next bundle count now. */
    public SigningKeys signingKeys() {
        return held.keys();
    }

    /** Whether the bundle in force is past its {@code expires}: a reason to warn, not to deny. */
    public boolean isExpired() {
        return clock.instant().isAfter(held.bundle().expires());
    }

    /**
     * Runs after every change, on the thread that offered the bundle, outside any lock. What it
     * throws is logged and holds nobody else up.
     */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Tries every bundle that is believed before it takes the place of the one held; while that runs
     * readers have the old one. One that fails its trial is refused.
     */
    public void tryFirst(BundleTrial next) {
        trial = next;
    }

    /**
     * Believes a bundle by its signature, trust domain, freshness and epoch.
     *
     * @return whether it is newer than what was held
     * @throws TrustRefused when it is not believed; what was held stays. BUNDLE_EPOCH_WENT_BACK is
     *     harmless where bundles arrive by several ways: a newer one came first
     */
    public boolean offer(SignedTrustBundle signed) throws TrustRefused {
        return take(signed, List.of(), true);
    }

    /**
     * As {@link #offer(SignedTrustBundle)}, for who may have slept through rotations of the
     * bundle-signing key. Each handover is believed by a key that is believed already, and about the
     * next key alone: its age does not matter, its roots do not count.
     *
     * @param handovers in the order of their epochs, at most {@link #MAX_HANDOVERS}
     */
    public boolean offer(SignedTrustBundle signed, List<SignedTrustBundle> handovers)
            throws TrustRefused {
        return take(signed, handovers, true);
    }

    /**
     * As {@link #offer}, for a bundle that this same process believed before a restart and kept: one
     * that has expired since is still held, as it would be without the restart.
     */
    public boolean restore(SignedTrustBundle signed) throws TrustRefused {
        return take(signed, List.of(), false);
    }

    private boolean take(
            SignedTrustBundle signed, List<SignedTrustBundle> handovers, boolean mustBeFresh)
            throws TrustRefused {
        if (!replace(signed, handovers, mustBeFresh)) {
            return false;
        }
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("listener failed after a bundle change");
            }
        }
        return true;
    }

    private synchronized boolean replace(
            SignedTrustBundle signed, List<SignedTrustBundle> handovers, boolean mustBeFresh)
            throws TrustRefused {
        Held before = held;
        if (before.isAlready(signed)) {
            if (mustBeFresh) {
                checkFresh(before.bundle());
            }
            return false;
        }
        checkSize(signed.payload().length);
        keysFor(signed, handovers, before)
                .verify(
                        SigningContext.BUNDLE,
                        signed.payload(),
                        signed.keyId(),
                        signed.signature());
        TrustBundle bundle = decoder.decode(signed.payload());
        checkTrustDomain(bundle, before.bundle());
        if (mustBeFresh) {
            checkFresh(bundle);
        }
        if (before.isSamePayload(signed)) {
            return false;
        }
        checkEpoch(bundle.epoch(), before);
        trial.run(bundle);
        held = before.followedBy(bundle, signed);
        return true;
    }

    private SigningKeys keysFor(
            SignedTrustBundle signed, List<SignedTrustBundle> handovers, Held before)
            throws TrustRefused {
        if (before.keys().knows(signed.keyId())) {
            return before.keys();
        }
        if (handovers.size() > MAX_HANDOVERS) {
            throw new TrustRefused(
                    Refusal.BUNDLE_MALFORMED,
                    "handovers: " + handovers.size() + " (expected: <= " + MAX_HANDOVERS + ")");
        }
        SigningKeys keys = before.keys();
        long epoch = before.epoch();
        for (SignedTrustBundle handover : handovers) {
            if (!keys.knows(handover.keyId())) {
                continue;
            }
            checkSize(handover.payload().length);
            keys.verify(
                    SigningContext.BUNDLE,
                    handover.payload(),
                    handover.keyId(),
                    handover.signature());
            TrustBundle said = decoder.decode(handover.payload());
            checkTrustDomain(said, before.bundle());
            if (said.epoch() >= epoch) {
                keys = SigningKeys.of(said);
                epoch = said.epoch();
            }
        }
        return keys;
    }

    private static void checkSize(int length) throws TrustRefused {
        if (length == 0) {
            throw new TrustRefused(Refusal.BUNDLE_EMPTY, "bundle: empty (expected: a payload)");
        }
        if (length > MAX_PAYLOAD) {
            throw new TrustRefused(
                    Refusal.BUNDLE_TOO_LARGE,
                    "bundle: " + length + " bytes (expected: <= " + MAX_PAYLOAD + ")");
        }
    }

    private static void checkTrustDomain(TrustBundle bundle, TrustBundle before)
            throws TrustRefused {
        if (!bundle.trustDomain().equals(before.trustDomain())) {
            throw new TrustRefused(
                    Refusal.BUNDLE_OTHER_TRUST_DOMAIN,
                    "bundle: of "
                            + bundle.trustDomain()
                            + " (expected: "
                            + before.trustDomain()
                            + ")");
        }
    }

    private static void checkEpoch(long epoch, Held before) throws TrustRefused {
        if (epoch > before.epoch()) {
            return;
        }
        boolean reused = epoch == before.epoch() && before.signed().isPresent();
        throw new TrustRefused(
                reused ? Refusal.BUNDLE_EPOCH_REUSED : Refusal.BUNDLE_EPOCH_WENT_BACK,
                "bundle: epoch "
                        + epoch
                        + (reused ? " with other content than is held" : "")
                        + " (expected: > "
                        + before.epoch()
                        + ")");
    }

    private void checkFresh(TrustBundle bundle) throws TrustRefused {
        if (clock.instant().isAfter(bundle.expires())) {
            throw new TrustRefused(
                    Refusal.BUNDLE_EXPIRED,
                    "bundle: expired "
                            + bundle.expires()
                            + " (expected: >= "
                            + clock.instant()
                            + ")");
        }
    }

    /** One consistent view: bundle, its signed form, its keys. */
    private record Held(
            TrustBundle bundle, Optional<SignedTrustBundle> signed, SigningKeys keys, long epoch) {
        static Held of(Bootstrap bootstrap) {
            TrustBundle bundle = bootstrap.asBundle();
            return new Held(bundle, Optional.empty(), SigningKeys.of(bundle), bundle.epoch() - 1);
        }

        /** Keys that stay are not read again: that is dear beside the rest of a bundle. */
        Held followedBy(TrustBundle next, SignedTrustBundle itsSigned) {
            boolean sameKeys =
                    next.signingKeys().equals(bundle.signingKeys())
                            && next.nextSigningKey().equals(bundle.nextSigningKey());
            return new Held(
                    next,
                    Optional.of(itsSigned),
                    sameKeys ? keys : SigningKeys.of(next),
                    next.epoch());
        }

        /** Byte for byte, signature included: it was believed, and comes along with every snapshot. */
        boolean isAlready(SignedTrustBundle other) {
            return isSamePayload(other)
                    && signed.get().keyId().equals(other.keyId())
                    && Arrays.equals(signed.get().signature(), other.signature());
        }

        boolean isSamePayload(SignedTrustBundle other) {
            return signed.isPresent() && Arrays.equals(signed.get().payload(), other.payload());
        }
    }
}
