package dev.countersign.agent.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.testing.TestIssuer;
import dev.countersign.identity.TrustDomain;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SvidRotatorTest {
    private final MutableClock clock = MutableClock.create();
    private final AtomicLong nanos = new AtomicLong(42);
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final TestIssuer issuer = new TestIssuer(authority, clock);
    private volatile Optional<String> denied = Optional.empty();
    private volatile TrustBundle bundle = authority.bundle();
    private final MemoryStore store = new MemoryStore();
    private final SvidRotator rotator = newRotator();

    @Test
    void hasNoIdentityUntilTheCaAnswersAndSaysWhatItWaitsFor() {
        issuer.goAway();

        rotator.step();

        assertThat(rotator.current()).isEmpty();
        assertThat(rotator.status().waitingFor()).contains("the CA at test:1: gone");
        assertThat(rotator.status().failures()).isEqualTo(1);
    }

    @Test
    void keepsAskingForTheFirstCertificateUntilItComes() {
        issuer.goAway();
        runFor(Duration.ofMinutes(1));
        assertThat(issuer.asked()).isBetween(8, 40);

        issuer.comeBack();
        runFor(Duration.ofSeconds(11));

        assertThat(rotator.current()).isPresent();
        assertThat(rotator.status().waitingFor()).isEmpty();
    }

    @Test
    void renewsInTheWindowWithTheCurrentCertificateAndANewKey() {
        rotator.step();
        HeldSvid first = rotator.current().orElseThrow();
        runFor(Duration.ofMinutes(29));
        assertThat(rotator.current()).contains(first);

        runFor(Duration.ofMinutes(20));

        HeldSvid second = rotator.current().orElseThrow();
        assertThat(second.generation()).isEqualTo(first.generation() + 1);
        assertThat(second.svid().leaf().getPublicKey())
                .isNotEqualTo(first.svid().leaf().getPublicKey());
        assertThat(issuer.lastCredentials().orElseThrow().chain()).isEqualTo(first.svid().chain());
        assertThat(issuer.asked()).isEqualTo(2);
    }

    @Test
    void aDeniedCertificateIsReplacedWithinTwoSecondsByTokenAlone() {
        rotator.step();
        HeldSvid first = rotator.current().orElseThrow();

        denied = Optional.of("rv-1: stolen");
        rotator.recheck();
        runFor(Duration.ofSeconds(3));

        assertThat(rotator.current().orElseThrow().generation()).isEqualTo(first.generation() + 1);
        assertThat(issuer.lastCredentials()).isEmpty();
    }

    @Test
    void aDeniedCertificateIsAskedForAgainWithinSecondsHoweverLongItWouldHaveLived() {
        rotator.step();
        HeldSvid first = rotator.current().orElseThrow();
        issuer.goAway();
        denied = Optional.of("rv-1: stolen");
        rotator.recheck();
        runFor(Duration.ofMinutes(1));
        assertThat(rotator.current()).contains(first);
        assertThat(rotator.believed()).isFalse();
        assertThat(issuer.asked()).isBetween(6, 40);

        issuer.comeBack();
        runFor(Duration.ofSeconds(11));

        assertThat(rotator.current().orElseThrow().generation()).isEqualTo(first.generation() + 1);
        assertThat(rotator.believed()).isTrue();
    }

    @Test
    void whereTheServerSaysThatTheCertificateIsDeniedTheTokenIsPresentedAloneAndOnce() {
        rotator.step();

        rotator.certificateDenied();
        runFor(Duration.ofSeconds(3));

        assertThat(issuer.asked()).isEqualTo(2);
        assertThat(issuer.lastCredentials()).isEmpty();
        rotator.step();
        assertThat(issuer.asked()).isEqualTo(2);
    }

    @Test
    void keepsTheLastGoodOneWhileTheCaIsAwayAndDropsItWhenItExpires() {
        rotator.step();
        HeldSvid first = rotator.current().orElseThrow();
        issuer.goAway();

        runFor(Duration.ofMinutes(59));
        assertThat(rotator.current()).contains(first);
        assertThat(rotator.status().failures()).isGreaterThan(5);

        runFor(Duration.ofMinutes(2));
        assertThat(rotator.current()).isEmpty();
        assertThat(rotator.status().held()).isEmpty();
    }

    @Test
    void comesBackByItselfAfterAnExpiry() {
        rotator.step();
        issuer.goAway();
        runFor(Duration.ofMinutes(70));
        issuer.comeBack();

        runFor(Duration.ofSeconds(11));

        assertThat(rotator.current()).isPresent();
        assertThat(issuer.lastCredentials()).as("an expired one proves nothing").isEmpty();
    }

    @Test
    void readersNeverSeeAnExpiredCertificateEvenWhenTheRotatorSleeps() {
        rotator.step();

        clock.advance(Duration.ofMinutes(61));

        assertThat(rotator.current()).isEmpty();
    }

    @Test
    void aClockSetForwardMakesTheRenewalDueAtTheNextStep() {
        rotator.step();

        clock.advance(Duration.ofMinutes(50));
        rotator.step();

        assertThat(issuer.asked()).isEqualTo(2);
    }

    @Test
    void aClockSetBackDoesNotPutTheRenewalOff() {
        rotator.step();
        clock.advance(Duration.ofMinutes(-2));

        nanos.addAndGet(Duration.ofMinutes(49).toNanos());
        rotator.step();

        assertThat(issuer.asked()).isEqualTo(2);
    }

    @Test
    void neverSleepsLongerThanTwoSeconds() {
        assertThat(rotator.step()).isEqualTo(SvidRotator.LONGEST_SLEEP);
        issuer.goAway();
        clock.advance(Duration.ofMinutes(50));
        assertThat(rotator.step()).isPositive().isLessThanOrEqualTo(SvidRotator.LONGEST_SLEEP);
    }

    @Test
    void waitsAsLongAsTheCaAsks() {
        issuer.refuse("BUDGET_IDENTITY", Duration.ofSeconds(50));
        rotator.step();
        runFor(Duration.ofSeconds(24));
        assertThat(issuer.asked()).isEqualTo(1);
        assertThat(rotator.status().waitingFor().orElseThrow()).contains("BUDGET_IDENTITY");

        runFor(Duration.ofSeconds(27));

        assertThat(issuer.asked()).isEqualTo(2);
    }

    @Test
    void refusesACertificateThatPeersWouldRefuse() {
        TestAuthority stranger = TestAuthority.create("example.org", clock, 2);
        issuer.issueFrom(stranger);

        rotator.step();

        assertThat(rotator.current()).isEmpty();
        assertThat(rotator.status().waitingFor().orElseThrow()).contains("refused");
    }

    @Test
    void refusesACertificateForAnotherKey() {
        issuer.change(builder -> builder.keyPair(authority.newKeyPair()));

        rotator.step();

        assertThat(rotator.current()).isEmpty();
        assertThat(rotator.status().waitingFor().orElseThrow()).contains("another key");
    }

    @Test
    void aRenewalNeverChangesTheIdentity() {
        rotator.step();
        HeldSvid first = rotator.current().orElseThrow();
        issuer.change(builder -> builder.uris("spiffe://example.org/ns/shop/sa/admin"));

        clock.advance(Duration.ofMinutes(50));
        rotator.step();

        assertThat(issuer.asked()).isEqualTo(2);
        assertThat(rotator.current()).contains(first);
        assertThat(rotator.status().waitingFor().orElseThrow()).contains("sa/admin");
    }

    @Test
    void aBundleWithoutItsOwnRootMakesItAskWithinTwoSecondsByTokenAlone() {
        rotator.step();
        TestAuthority next = TestAuthority.create("example.org", clock, 3);
        issuer.issueFrom(next);
        bundle = next.bundle(2, next.root());

        runFor(Duration.ofSeconds(3));

        assertThat(issuer.asked()).isEqualTo(2);
        assertThat(issuer.lastCredentials()).isEmpty();
        assertThat(rotator.current().orElseThrow().generation()).isEqualTo(2);
    }

    @Test
    void aRestartTakesUpTheKeptCertificateWithoutTheCa() {
        rotator.step();
        HeldSvid before = rotator.current().orElseThrow();
        issuer.goAway();

        SvidRotator restarted = newRotator();
        restarted.restore();
        restarted.step();

        HeldSvid after = restarted.current().orElseThrow();
        assertThat(after.svid()).isEqualTo(before.svid());
        assertThat(after.key()).isEqualTo(before.key());
        assertThat(issuer.asked()).as("not due yet").isEqualTo(1);
    }

    @Test
    void aKeptCertificateThatExpiredOrIsGarbageIsNotUsed() {
        rotator.step();
        byte[] kept = store.load().orElseThrow();

        store.save(new byte[] {1, 2, 3});
        SvidRotator garbage = newRotator();
        garbage.restore();
        assertThat(garbage.current()).isEmpty();

        store.save(kept);
        clock.advance(Duration.ofHours(2));
        SvidRotator late = newRotator();
        late.restore();
        assertThat(late.current()).isEmpty();
    }

    @Test
    void listenersGetTheCurrentOneAndEveryLaterOneInOrder() {
        List<Long> early = new ArrayList<>();
        rotator.onChange(held -> early.add(held.generation()));
        rotator.step();
        List<Long> late = new ArrayList<>();
        rotator.onChange(held -> late.add(held.generation()));

        runFor(Duration.ofMinutes(110));

        assertThat(early.size()).isGreaterThanOrEqualTo(3);
        assertThat(early).isSorted().doesNotHaveDuplicates().startsWith(1L);
        assertThat(late).isEqualTo(early);
    }

    @Test
    void readersSeeAWholeIdentityAtEveryMomentOfManyRotations() throws InterruptedException {
        issuer.life(Duration.ofSeconds(15));
        rotator.step();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<String> fault = new AtomicReference<>("");
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!stop.get()) {
                                long before = rotator.status().rotations();
                                Optional<HeldSvid> held = rotator.current();
                                if (held.isEmpty()) {
                                    // This test's clock may have passed what the reader had in its
                                    // hand, but not before there was a newer one.
                                    if (rotator.status().rotations() == before) {
                                        fault.set("no identity");
                                    }
                                } else if (!Identity.matches(
                                        held.get().key(),
                                        held.get().svid().leaf().getPublicKey())) {
                                    fault.set("key of another generation");
                                }
                            }
                        });

        runFor(Duration.ofMinutes(10));
        stop.set(true);
        reader.join();

        assertThat(rotator.status().rotations()).isGreaterThan(40);
        assertThat(fault.get()).isEmpty();
    }

    @Test
    void theKeyIsInNoText() {
        rotator.step();

        assertThat(rotator.current().orElseThrow().toString()).doesNotContain("Private", "S:");
        assertThat(issuer.lastCredentials()).isEmpty();
    }

    private SvidRotator newRotator() {
        TrustBundles bundles =
                new TrustBundles() {
                    @Override
                    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
                        return Optional.of(bundle)
                                .filter(held -> held.trustDomain().equals(trustDomain));
                    }

                    @Override
                    public long epoch() {
                        return bundle.epoch();
                    }
                };
        return new SvidRotator(
                issuer,
                new SvidVerifier(bundles, clock),
                peer -> denied,
                bundles,
                store,
                new SecureRandom(),
                clock,
                nanos::get);
    }

    /** Both clocks run, and the rotator wakes when it said it would. */
    private void runFor(Duration time) {
        Duration left = time;
        while (left.isPositive()) {
            Duration sleep = rotator.step();
            Duration slice = sleep.compareTo(left) < 0 ? sleep : left;
            clock.advance(slice);
            nanos.addAndGet(slice.toNanos());
            left = left.minus(slice);
        }
        rotator.step();
    }

    private static final class MemoryStore implements SvidStore {
        private Optional<byte[]> kept = Optional.empty();

        @Override
        public Optional<byte[]> load() {
            return kept;
        }

        @Override
        public void save(byte[] identity) {
            kept = Optional.of(identity);
        }
    }
}
