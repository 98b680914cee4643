package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.wire.BundleCodec;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class BundleKeeperTest {
    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("test.example", clock, 1);
    private final TestAuthority other = TestAuthority.create("other.example", clock, 2);
    private final KeyPair signer = authority.bundleSigner();
    private final TestCertificate newRoot = authority.newRoot().build();
    private final AtomicInteger changes = new AtomicInteger();
    private final BundleKeeper keeper = keeperOf(authority.bootstrap());

    @Test
    void theBootstrapsRootsAreTheBundleUntilOneArrives() {
        assertThat(keeper.bundle(authority.trustDomain()))
                .hasValueSatisfying(bundle -> {
                    assertThat(bundle.epoch()).isEqualTo(1);
                    assertThat(bundle.roots()).containsExactly(authority.root().certificate());
                });
        assertThat(keeper.signed()).isEmpty();
        assertThat(keeper.isExpired()).isFalse();
    }

    @Test
    void otherTrustDomainsHaveNoBundle() {
        assertThat(keeper.bundle(other.trustDomain())).isEmpty();
    }

    @Test
    void aBundleOfAHigherEpochReplacesWhatIsHeld() throws TrustRefused {
        SignedTrustBundle second = signed(authority.bundle(2, newRoot));

        assertThat(keeper.offer(second)).isTrue();

        assertThat(keeper.current().roots()).containsExactly(newRoot.certificate());
        assertThat(keeper.epoch()).isEqualTo(2);
        assertThat(keeper.signed()).contains(second);
        assertThat(changes).hasValue(1);
    }

    @Test
    void theFirstBundleOfTheBootstrapsOwnEpochIsAChange() throws TrustRefused {
        // given: other roots than the bootstrap's, same epoch
        long before = keeper.epoch();

        // when
        boolean changed = keeper.offer(signed(authority.bundle(1, newRoot)));

        // then: whoever derived something from the bootstrap's roots drops it
        assertThat(changed).isTrue();
        assertThat(keeper.epoch()).isNotEqualTo(before).isEqualTo(1);
    }

    @Test
    void whoSleptThroughRotationsOfTheSigningKeyWalksFromKeyToKey() throws TrustRefused {
        KeyPair second = authority.newKeyPair();
        KeyPair third = authority.newKeyPair();
        SignedTrustBundle toSecond = handover(2, signer, second);
        SignedTrustBundle toThird = handover(4, second, third);
        SignedTrustBundle newest = signedBy(third, 6, newRoot);
        clock.advance(Duration.ofDays(90));
        SignedTrustBundle fresh = signedBy(third, 7, newRoot);

        refusedOffer(Refusal.BUNDLE_UNKNOWN_KEY, fresh, List.of());
        refusedOffer(Refusal.BUNDLE_UNKNOWN_KEY, fresh, List.of(toThird));
        refusedOffer(Refusal.BUNDLE_UNKNOWN_KEY, fresh, List.of(toThird, toSecond));
        refusedOffer(Refusal.BUNDLE_EXPIRED, newest, List.of(toSecond, toThird));
        assertThat(keeper.offer(fresh, List.of(toSecond, toThird))).isTrue();

        assertThat(keeper.epoch()).isEqualTo(7);
        assertThat(keeper.current().roots()).containsExactly(newRoot.certificate());
    }

    @Test
    void aHandoverByAStrangerOrOfAnotherDomainOrFromBeforeLeadsNowhere() throws TrustRefused {
        KeyPair second = authority.newKeyPair();
        SignedTrustBundle fresh = signedBy(second, 9, newRoot);

        refusedOffer(
                Refusal.BUNDLE_UNKNOWN_KEY,
                fresh,
                List.of(handover(2, authority.newKeyPair(), second)));
        SignedTrustBundle good = handover(2, signer, second);
        byte[] broken = good.signature().clone();
        broken[broken.length - 1] ^= 1;
        refusedOffer(
                Refusal.BUNDLE_BAD_SIGNATURE,
                fresh,
                List.of(new SignedTrustBundle(good.payload(), good.keyId(), broken)));
        refusedOffer(
                Refusal.BUNDLE_OTHER_TRUST_DOMAIN,
                fresh,
                List.of(
                        TestAuthority.sign(
                                announcing(other.bundle(3, other.root()), signer, second),
                                signer)));
        refusedOffer(
                Refusal.BUNDLE_MALFORMED,
                fresh,
                Collections.nCopies(BundleKeeper.MAX_HANDOVERS + 1, good));
        keeper.offer(signed(authority.bundle(5, newRoot)));
        refusedOffer(Refusal.BUNDLE_UNKNOWN_KEY, fresh, List.of(good));
        assertThat(keeper.epoch()).isEqualTo(5);
    }

    private void refusedOffer(
            Refusal refusal, SignedTrustBundle bundle, List<SignedTrustBundle> handovers) {
        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> keeper.offer(bundle, handovers));
        assertThat(refused.refusal()).isEqualTo(refusal);
    }

    private SignedTrustBundle handover(long epoch, KeyPair from, KeyPair to) {
        return TestAuthority.sign(
                announcing(authority.bundle(epoch, authority.root()), from, to), from);
    }

    private SignedTrustBundle signedBy(KeyPair key, long epoch, TestCertificate root) {
        TrustBundle bundle = authority.bundle(epoch, root);
        return TestAuthority.sign(
                new TrustBundle(
                        bundle.trustDomain(),
                        epoch,
                        bundle.issuedAt(),
                        bundle.expires(),
                        bundle.roots(),
                        List.of(key.getPublic()),
                        Optional.empty()),
                key);
    }

    private static TrustBundle announcing(TrustBundle bundle, KeyPair from, KeyPair to) {
        return new TrustBundle(
                bundle.trustDomain(),
                bundle.epoch(),
                bundle.issuedAt(),
                bundle.expires(),
                bundle.roots(),
                List.of(from.getPublic()),
                Optional.of(to.getPublic()));
    }

    @Test
    void theSameBundleAgainIsNoChange() throws TrustRefused {
        SignedTrustBundle second = signed(authority.bundle(2, newRoot));
        keeper.offer(second);

        assertThat(keeper.offer(second)).isFalse();
        assertThat(changes).hasValue(1);
    }

    @Test
    void theSamePayloadUnderABrokenSignatureIsRefusedAlthoughItIsHeld() throws TrustRefused {
        SignedTrustBundle held = signed(authority.bundle(5, newRoot));
        keeper.offer(held);
        byte[] broken = held.signature().clone();
        broken[broken.length - 1] ^= 1;

        assertRefused(
                Refusal.BUNDLE_BAD_SIGNATURE,
                new SignedTrustBundle(held.payload(), held.keyId(), broken));
    }

    @Test
    void anotherBundleOfTheSameEpochIsRefused() throws TrustRefused {
        keeper.offer(signed(authority.bundle(2, newRoot)));

        assertRefused(Refusal.BUNDLE_EPOCH_REUSED, signed(authority.bundle(2, authority.root())));
    }

    @Test
    void anEpochNeverGoesBack() throws TrustRefused {
        keeper.offer(signed(authority.bundle(5, newRoot)));

        assertRefused(
                Refusal.BUNDLE_EPOCH_WENT_BACK, signed(authority.bundle(4, authority.root())));
    }

    @Test
    void anEpochUnderTheBootstrapsMinimumIsRefused() {
        BundleKeeper seasoned = keeperOf(Bootstrap.from(authority.bundle(7, newRoot)));

        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class,
                        () -> seasoned.offer(signed(authority.bundle(6, newRoot))));

        assertThat(refused.refusal()).isEqualTo(Refusal.BUNDLE_EPOCH_WENT_BACK);
    }

    @Test
    void aBundleSignedByAStrangerIsRefused() {
        SignedTrustBundle forged =
                TestAuthority.sign(authority.bundle(2, newRoot), other.bundleSigner());

        assertRefused(Refusal.BUNDLE_UNKNOWN_KEY, forged);
    }

    @Test
    void aStrangersSignatureUnderOurKeysNameIsRefused() {
        SignedTrustBundle forged =
                TestAuthority.sign(authority.bundle(2, newRoot), other.bundleSigner());

        assertRefused(
                Refusal.BUNDLE_BAD_SIGNATURE,
                new SignedTrustBundle(
                        forged.payload(),
                        SigningKeys.idOf(signer.getPublic()),
                        forged.signature()));
    }

    @Test
    void aPayloadChangedAfterSigningIsRefusedBeforeItIsRead() {
        SignedTrustBundle genuine = signed(authority.bundle(2, newRoot));
        byte[] changed = genuine.payload().clone();
        changed[changed.length / 2] ^= 1;

        assertRefused(
                Refusal.BUNDLE_BAD_SIGNATURE,
                new SignedTrustBundle(changed, genuine.keyId(), genuine.signature()));
    }

    @Test
    void aSignatureMadeForASnapshotIsWorthNothingOnABundle() {
        byte[] payload = BundleCodec.encode(authority.bundle(2, newRoot));

        assertRefused(
                Refusal.BUNDLE_BAD_SIGNATURE,
                new SignedTrustBundle(
                        payload,
                        SigningKeys.idOf(signer.getPublic()),
                        TestAuthority.sign(SigningContext.SNAPSHOT, payload, signer)));
    }

    @Test
    void aBundleOfAnotherTrustDomainIsRefusedEvenFromOurSigner() {
        assertRefused(
                Refusal.BUNDLE_OTHER_TRUST_DOMAIN,
                TestAuthority.sign(other.bundle(2, other.root()), signer));
    }

    @Test
    void anExpiredBundleIsRefusedAndOneThatExpiresWhileHeldStays() throws TrustRefused {
        SignedTrustBundle second = signed(authority.bundle(2, newRoot));
        SignedTrustBundle third = signed(authority.bundle(3, authority.root()));
        keeper.offer(second);

        clock.advance(Duration.ofDays(8));

        assertRefused(Refusal.BUNDLE_EXPIRED, third);
        assertThat(keeper.isExpired()).isTrue();
        assertThat(keeper.current().roots()).containsExactly(newRoot.certificate());
    }

    @Test
    void aBundleKeptAcrossARestartIsHeldAlthoughItExpired() throws TrustRefused {
        SignedTrustBundle kept = signed(authority.bundle(2, newRoot));
        clock.advance(Duration.ofDays(8));

        assertThat(keeper.restore(kept)).isTrue();

        assertThat(keeper.isExpired()).isTrue();
        assertRefused(
                Refusal.BUNDLE_EPOCH_WENT_BACK, signed(authority.bundle(1, authority.root())));
    }

    @Test
    void aBundleThatFailsItsTrialLeavesTheOneThatIsHeld() throws TrustRefused {
        // given: a trial that only epoch 3 passes
        keeper.tryFirst(candidate -> {
            assertThat(keeper.epoch()).as("while it is tried").isZero();
            if (candidate.epoch() != 3) {
                throw new TrustRefused(Refusal.BUNDLE_UNUSABLE, "bundle: no handshake");
            }
        });

        assertRefused(Refusal.BUNDLE_UNUSABLE, signed(authority.bundle(2, newRoot)));

        assertThat(keeper.current().roots()).containsExactly(authority.root().certificate());
        assertThat(changes).hasValue(0);
        assertThat(keeper.offer(signed(authority.bundle(3, newRoot)))).isTrue();
    }

    @Test
    void aRestoredBundleIsBelievedByItsSignatureOnly() {
        SignedTrustBundle forged =
                TestAuthority.sign(authority.bundle(2, newRoot), other.bundleSigner());

        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> keeper.restore(forged));

        assertThat(refused.refusal()).isEqualTo(Refusal.BUNDLE_UNKNOWN_KEY);
    }

    @Test
    void anEmptyOrOversizedPayloadIsRefusedBeforeAnyArithmetic() {
        String key = SigningKeys.idOf(signer.getPublic());

        assertRefused(Refusal.BUNDLE_EMPTY, new SignedTrustBundle(new byte[0], key, new byte[0]));
        assertRefused(
                Refusal.BUNDLE_TOO_LARGE,
                new SignedTrustBundle(new byte[BundleKeeper.MAX_PAYLOAD + 1], key, new byte[0]));
    }

    @Test
    void theAnnouncedSuccessorSignsAndThenTheOldKeyHasNoWord() throws TrustRefused {
        // given: epoch 2 announces a successor
        KeyPair successor = authority.newKeyPair();
        keeper.offer(signed(authority.bundle(2, Optional.of(successor.getPublic()), newRoot)));

        // when: the successor signs epoch 3, which lists the successor alone
        keeper.offer(
                TestAuthority.sign(bundleWithKeys(3, List.of(successor.getPublic())), successor));

        // then
        assertThat(keeper.epoch()).isEqualTo(3);
        assertRefused(Refusal.BUNDLE_UNKNOWN_KEY, signed(authority.bundle(4, newRoot)));
    }

    @Test
    void aKeyThatWasNeverAnnouncedIsNotASuccessor() throws TrustRefused {
        keeper.offer(signed(authority.bundle(2, newRoot)));
        KeyPair usurper = authority.newKeyPair();

        assertRefused(
                Refusal.BUNDLE_UNKNOWN_KEY,
                TestAuthority.sign(bundleWithKeys(3, List.of(usurper.getPublic())), usurper));
    }

    @Test
    void aListenerThatFailsHoldsNobodyElseUp() throws TrustRefused {
        BundleKeeper crowded = keeperOf(authority.bootstrap());
        AtomicInteger later = new AtomicInteger();
        crowded.onChange(() -> {
            throw new IllegalStateException("a listener's own fault");
        });
        crowded.onChange(later::incrementAndGet);

        assertThat(crowded.offer(signed(authority.bundle(2, newRoot)))).isTrue();

        assertThat(later).hasValue(1);
    }

    @Test
    void aVerifierBelievesAPeerOnlyWhileItsRootIsInTheBundle() throws TrustRefused {
        // given
        SvidVerifier verifier = new SvidVerifier(keeper, clock);
        TestCertificate web = authority.leaf("/ns/shop/sa/web").build();
        verifier.verify(web.chain());

        // when: the root is distrusted
        keeper.offer(signed(authority.bundle(1, newRoot)));

        // then
        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> verifier.verify(web.chain()));
        assertThat(refused.refusal()).isEqualTo(Refusal.UNTRUSTED_ISSUER);
    }

    private BundleKeeper keeperOf(Bootstrap bootstrap) {
        BundleKeeper made = new BundleKeeper(bootstrap, clock, BundleCodec::decode);
        made.onChange(changes::incrementAndGet);
        return made;
    }

    private SignedTrustBundle signed(TrustBundle bundle) {
        return TestAuthority.sign(bundle, signer);
    }

    private TrustBundle bundleWithKeys(long epoch, List<PublicKey> keys) {
        Instant now = clock.instant();
        return new TrustBundle(
                authority.trustDomain(),
                epoch,
                now,
                now.plus(Duration.ofDays(1)),
                List.of(newRoot.certificate()),
                keys,
                Optional.empty());
    }

    private void assertRefused(Refusal refusal, SignedTrustBundle bundle) {
        Held before = Held.of(keeper);

        TrustRefused refused = catchThrowableOfType(TrustRefused.class, () -> keeper.offer(bundle));

        assertThat(refused).as("expected %s", refusal).isNotNull();
        assertThat(refused.refusal()).as(refused.getMessage()).isEqualTo(refusal);
        assertThat(Held.of(keeper)).isEqualTo(before);
    }

    /** A refused bundle changes none of this. */
    private record Held(TrustBundle bundle, long epoch, Optional<SignedTrustBundle> signed) {
        static Held of(BundleKeeper keeper) {
            return new Held(keeper.current(), keeper.epoch(), keeper.signed());
        }
    }
}
