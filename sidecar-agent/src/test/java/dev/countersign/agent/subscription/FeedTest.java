package dev.countersign.agent.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.agent.state.StateDirectory;
import dev.countersign.agent.testing.TestBundles;
import dev.countersign.agent.testing.TestSnapshots;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.FederatedBundle;
import dev.countersign.feed.Snapshot;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.policy.WorkloadPolicies;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.FederatedBundles;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.v1.SubscribeResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedTest {
    private static final SpiffeId ORDERS = SpiffeId.parse("spiffe://example.org/ns/shop/sa/orders");

    @TempDir Path directory;

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final TestSnapshots server = new TestSnapshots(authority, clock, ORDERS);
    private final BundleKeeper bundles = TestBundles.keeper(authority, clock);
    private final Feed feed = feed(bundles, new LastKnownGood(Optional.empty()));
    private final AtomicInteger changes = new AtomicInteger();

    @Test
    void hasNoPolicySourceBeforeTheFirstSnapshot() {
        assertThat(feed.current()).isEmpty();
        assertThat(feed.revision()).isZero();
    }

    @Test
    void aSnapshotIsInForceWholeAndToldToListeners() {
        feed.onChange(changes::incrementAndGet);

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.refusal()).isEmpty();
        PolicySource.InForce inForce = feed.current().orElseThrow();
        assertThat(inForce.policies().revision()).isEqualTo(7);
        assertThat(inForce.policies().policies()).hasSize(1);
        assertThat(inForce.workload().serviceAccount()).isEqualTo("orders");
        assertThat(bundles.epoch()).isEqualTo(1);
        assertThat(changes.get()).isPositive();
    }

    @Test
    void whatPoliciesInDryRunWouldDecideIsCompiledBeforeAnybodySeesTheRevision() {
        Request web = Request.tcp().port(8080).sourcePrincipal("a/b").build();
        List<Decision> atChange = new ArrayList<>();
        feed.onChange(() -> {
            if (feed.current().isPresent()) {
                atChange.add(asIfEnforced().decide(web));
            }
        });

        feed.take(server.message(server.trial("a/b").snapshot(7, "a/b")));
        WorkloadPolicies first = asIfEnforced();
        feed.take(server.message(server.trial("a/c").snapshot(8, "a/b")));

        assertThat(atChange)
                .extracting(Decision::policy, Decision::allowed)
                .containsExactly(tuple("shop/trial", false), tuple("shop/callers", true));
        assertThat(feed.current().orElseThrow().own().decide(web).allowed()).isTrue();
        assertThat(first.decide(web).allowed()).as("a set never changes").isFalse();
    }

    @Test
    void withoutAPolicyInDryRunThereIsNothingToCompare() {
        feed.take(server.message(server.trial("a/b").snapshot(7, "a/b")));
        feed.take(server.message(server.noTrial().snapshot(8, "a/b")));

        assertThat(feed.current().orElseThrow().asIfEnforced()).isNull();
    }

    @Test
    void theSameRevisionMadeAnewDisturbsNobody() {
        feed.take(server.message(server.snapshot(7, "a/b")));
        PolicySource.InForce before = feed.current().orElseThrow();
        feed.onChange(changes::incrementAndGet);
        clock.advance(Duration.ofMinutes(1));

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.refusal()).isEmpty();
        assertThat(feed.current().orElseThrow()).isSameAs(before);
        assertThat(changes).hasValue(0);

        feed.take(server.message(server.snapshot(7, "a/c")));
        assertThat(feed.current().orElseThrow()).isNotSameAs(before);
        assertThat(changes).hasValue(1);
    }

    @Test
    void anotherDomainsWorkloadIsBelievedByItsOwnRootsAndAllowedByItsOwnName() throws Exception {
        TestAuthority partner = TestAuthority.create("partner.example", clock, 9);
        FederatedBundles believed = new FederatedBundles(bundles);
        SvidVerifier verifier = new SvidVerifier(believed, clock);
        feed.federate(believed);
        feed.onChange(changes::incrementAndGet);
        String ledger = "partner.example/ns/billing/sa/ledger";
        FederatedBundle theirs = bundleOf(partner);

        feed.take(server.message(server.federated(theirs).snapshot(7, ledger)));

        VerifiedPeer peer = verifier.verify(partner.leaf("/ns/billing/sa/ledger").build().chain());
        Request call = Request.tcp().port(8080).sourcePrincipal(ledger).build();
        assertThat("spiffe://" + ledger).isEqualTo(peer.id().toString());
        assertThat(feed.current().orElseThrow().own().decide(call).allowed()).isTrue();
        TestAuthority forger = TestAuthority.create("partner.example", clock, 10);
        assertThatThrownBy(
                        () -> verifier.verify(forger.leaf("/ns/billing/sa/ledger").build().chain()))
                .isInstanceOf(TrustRefused.class);
        int before = changes.get();
        feed.take(server.message(server.federated().snapshot(8, ledger)));
        assertThat(changes.get()).as("open connections are looked at again").isGreaterThan(before);
        assertThatThrownBy(() ->
                        verifier.verify(partner.leaf("/ns/billing/sa/ledger").build().chain()))
                .hasMessageContaining("partner.example");
    }

    private static FederatedBundle bundleOf(TestAuthority authority) {
        return new FederatedBundle(
                authority.trustDomain(), List.of(authority.root().certificate()), 3);
    }

    @Test
    void aKeyThatNobodyAnnouncedIsAskedForBeforePoliciesAreRefused() {
        TestAuthority asleep = TestAuthority.create("example.org", clock, 11);
        Feed sleeper = feed(TestBundles.keeper(asleep, clock), new LastKnownGood(Optional.empty()));
        AtomicInteger asked = new AtomicInteger();
        sleeper.recoverBy(() -> {
            asked.incrementAndGet();
            return false;
        });

        Feed.Outcome outcome = sleeper.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.unknownKey()).isTrue();
        assertThat(outcome.refusal()).isNotEmpty();
        assertThat(asked).hasValue(1);
    }

    @Test
    void aDeltaAppliesOnTopOfWhatIsHeld() {
        Snapshot first = server.snapshot(7, "a/b");
        Snapshot second = server.deny(identity("/ns/shop/sa/guest")).snapshot(9, "a/b");
        feed.take(server.message(first));

        Feed.Outcome outcome = feed.take(server.message(first.deltaTo(second)));

        assertThat(outcome.refusal()).isEmpty();
        assertThat(feed.revision()).isEqualTo(9);
        assertThat(feed.denies(peer("/ns/shop/sa/guest"))).isPresent();
        assertThat(feed.denies(peer("/ns/shop/sa/web"))).isEmpty();
    }

    @Test
    void aDeltaOnAnotherRevisionAsksForASnapshotAndChangesNothing() {
        Snapshot missed = server.snapshot(8, "a/b");
        Snapshot later = server.snapshot(9, "a/c");
        feed.take(server.message(server.snapshot(7, "a/b")));

        Feed.Outcome outcome = feed.take(server.message(missed.deltaTo(later)));

        assertThat(outcome.resync()).isTrue();
        assertThat(outcome.refusal()).contains("SNAPSHOT_OTHER_BASE");
        assertThat(feed.revision()).isEqualTo(7);
    }

    @Test
    void aRevisionLowerThanTheLastIsRefusedAndTheLastStaysInForce() {
        feed.take(server.message(server.snapshot(7, "a/b")));

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(6, "a/c")));

        assertThat(outcome.refusal()).contains("SNAPSHOT_WENT_BACK");
        assertThat(feed.revision()).isEqualTo(7);
    }

    @Test
    void aSnapshotByAnotherSignerOrForAnotherSubjectIsRefused() {
        TestAuthority stranger = TestAuthority.create("example.org", clock, 2);
        TestSnapshots forged = new TestSnapshots(stranger, clock, ORDERS);
        TestSnapshots others =
                new TestSnapshots(
                        authority, clock, SpiffeId.parse("spiffe://example.org/ns/shop/sa/web"));

        assertThat(feed.take(forged.message(forged.snapshot(1, "*"))).refusal())
                .contains("SNAPSHOT_BAD_SIGNATURE");
        assertThat(feed.take(others.message(others.snapshot(1, "*"))).refusal())
                .contains("SNAPSHOT_OTHER_SUBJECT");
        assertThat(feed.current()).isEmpty();
    }

    @Test
    void theRevisionBesideTheSignatureMustBeTheSignedOne() {
        SubscribeResponse message =
                server.message(server.snapshot(7, "a/b")).toBuilder().setRevision(8).build();

        assertThat(feed.take(message).refusal()).contains("as signed");
        assertThat(feed.current()).isEmpty();
    }

    @Test
    void aSnapshotWithABundleThatIsNotBelievedIsRefusedWhole() {
        TestAuthority stranger = TestAuthority.create("example.org", clock, 2);
        server.bundle(TestBundles.sign(stranger.bundle(), stranger.bundleSigner()));

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.refusal()).contains("BUNDLE_UNKNOWN_KEY");
        assertThat(feed.current()).isEmpty();
    }

    @Test
    void aSnapshotWhoseBundleIsOlderThanTheOneHeldStillApplies() throws TrustRefused {
        // given: a newer bundle came with a certificate
        bundles.offer(
                TestBundles.sign(authority.bundle(5, authority.root()), authority.bundleSigner()));

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.refusal()).isEmpty();
        assertThat(feed.revision()).isEqualTo(7);
        assertThat(bundles.epoch()).isEqualTo(5);
    }

    @Test
    void aSnapshotWhoseBundleHasExpiredAppliesAndSaysSo() {
        clock.advance(Duration.ofDays(30));

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.refusal()).contains("BUNDLE_EXPIRED");
        assertThat(feed.revision()).isEqualTo(7);
    }

    @Test
    void aDenyEntryThatNamesAPodIsReportedAndTheOthersApply() {
        server.deny(
                identity("/ns/shop/sa/guest"),
                new DenyEntry("d2", new DenyEntry.Pod("uid-9"), Optional.empty(), "stolen"));

        Feed.Outcome outcome = feed.take(server.message(server.snapshot(7, "a/b")));

        assertThat(outcome.refusal()).contains("d2", "uid-9");
        assertThat(feed.denies(peer("/ns/shop/sa/guest"))).isPresent();
    }

    @Test
    void deniesByCertificateByIssuerAndUntilTheEntryEnds() {
        VerifiedPeer web = peer("/ns/shop/sa/web");
        DenyEntry serial =
                new DenyEntry(
                        "serial",
                        new DenyEntry.Certificate(web.issuerKeyId(), web.serial()),
                        Optional.of(clock.instant().plusSeconds(60)),
                        "key on a stick");
        feed.take(server.message(server.deny(serial).snapshot(7, "a/b")));
        assertThat(feed.denies(web)).contains("serial: key on a stick");
        assertThat(feed.denies(peer("/ns/shop/sa/web"))).as("another certificate").isEmpty();

        clock.advance(Duration.ofSeconds(60));
        assertThat(feed.denies(web)).isEmpty();

        DenyEntry issuer =
                new DenyEntry(
                        "issuer", new DenyEntry.Issuer(web.issuerKeyId()), Optional.empty(), "x");
        feed.take(server.message(server.deny(issuer).snapshot(8, "a/b")));
        assertThat(feed.denies(peer("/ns/shop/sa/anybody"))).isPresent();
    }

    @Test
    void ageDeniesOnlyWhereTheServerSaysSo() {
        feed.take(server.message(server.snapshot(7, "a/b")));
        clock.advance(Duration.ofDays(3));
        assertThat(feed.current()).isPresent();

        feed.take(server.message(server.maxStale(Duration.ofMinutes(5)).snapshot(8, "a/b")));
        clock.advance(Duration.ofMinutes(4));
        assertThat(feed.current()).isPresent();
        feed.confirmed(clock.instant());
        clock.advance(Duration.ofMinutes(5));
        assertThat(feed.current()).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(feed.current()).isEmpty();
    }

    @Test
    void aRestartHasWhatWasInForceDeltasIncludedAndRefusesWhatIsOlder() throws IOException {
        Snapshot first = server.snapshot(7, "a/b");
        Snapshot second = server.deny(identity("/ns/shop/sa/guest")).snapshot(9, "a/b");
        try (StateDirectory state = StateDirectory.open(directory.resolve("s"))) {
            Feed before = feed(bundles, new LastKnownGood(Optional.of(state)));
            before.take(server.message(first));
            before.take(server.message(first.deltaTo(second)));
        }

        try (StateDirectory state = StateDirectory.open(directory.resolve("s"))) {
            LastKnownGood kept = new LastKnownGood(Optional.of(state));
            BundleKeeper restarted = TestBundles.keeper(authority, clock);
            Feed after = feed(restarted, kept);
            after.restore();

            assertThat(kept.bundle()).isEqualTo(bundles.signed());
            assertThat(after.revision()).isEqualTo(9);
            assertThat(after.denies(peer("/ns/shop/sa/guest"))).isPresent();
            assertThat(after.take(server.message(server.snapshot(8, "*"))).refusal())
                    .contains("SNAPSHOT_WENT_BACK");
        }
    }

    @Test
    void aRestartAfterABundleChangedOrExpiredStillHasItsPolicies() throws Exception {
        Snapshot first = server.snapshot(7, "a/b");
        Snapshot second =
                server.bundle(
                                TestBundles.sign(
                                        authority.bundle(2, authority.root()),
                                        authority.bundleSigner()))
                        .deny(new DenyEntry("d", new DenyEntry.Pod("u"), Optional.empty(), "x"))
                        .snapshot(9, "a/b");
        try (StateDirectory state = StateDirectory.open(directory.resolve("s"))) {
            Feed before = feed(bundles, new LastKnownGood(Optional.of(state)));
            before.take(server.message(first));
            before.take(server.message(first.deltaTo(second)));
        }
        clock.advance(Duration.ofDays(30));

        try (StateDirectory state = StateDirectory.open(directory.resolve("s"))) {
            LastKnownGood kept = new LastKnownGood(Optional.of(state));
            BundleKeeper restarted = TestBundles.keeper(authority, clock);
            restarted.restore(kept.bundle().orElseThrow());
            Feed after = feed(restarted, kept);
            after.restore();

            assertThat(after.revision()).isEqualTo(9);
            assertThat(restarted.epoch()).isEqualTo(2);
        }
    }

    @Test
    void whatWasKeptForAnotherIdentityIsNotUsed() throws IOException {
        try (StateDirectory state = StateDirectory.open(directory.resolve("s"))) {
            LastKnownGood kept = new LastKnownGood(Optional.of(state));
            feed(bundles, kept).take(server.message(server.snapshot(7, "a/b")));
            Feed other =
                    new Feed(
                            TestBundles.keeper(authority, clock),
                            () -> Optional.of(SpiffeId.parse("spiffe://example.org/ns/a/sa/b")),
                            kept,
                            clock);

            other.restore();

            assertThat(other.current()).isEmpty();
        }
    }

    private WorkloadPolicies asIfEnforced() {
        return Objects.requireNonNull(feed.current().orElseThrow().asIfEnforced());
    }

    private Feed feed(BundleKeeper keeper, LastKnownGood kept) {
        return new Feed(keeper, () -> Optional.of(ORDERS), kept, clock);
    }

    private static DenyEntry identity(String path) {
        return new DenyEntry(
                "d1",
                new DenyEntry.Identity(SpiffeId.parse("spiffe://example.org" + path)),
                Optional.empty(),
                "left the company");
    }

    private VerifiedPeer peer(String path) {
        TestCertificate leaf = authority.leaf(path).build();
        try {
            return new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock)
                    .verify(leaf.chain());
        } catch (TrustRefused e) {
            throw new IllegalStateException(e);
        }
    }
}
