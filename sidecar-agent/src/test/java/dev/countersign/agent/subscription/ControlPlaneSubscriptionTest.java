package dev.countersign.agent.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.ca.CaAddress;
import dev.countersign.agent.ca.CaChannels;
import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.testing.TestBundles;
import dev.countersign.agent.testing.TestCa;
import dev.countersign.agent.testing.TestFeed;
import dev.countersign.agent.testing.TestSnapshots;
import dev.countersign.agent.testing.TestSvids;
import dev.countersign.feed.Snapshot;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.DenialReceipt;
import dev.countersign.wire.v1.DenialReport;
import dev.countersign.wire.v1.EdgeReceipt;
import dev.countersign.wire.v1.EdgeReport;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import io.grpc.Status;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlPlaneSubscriptionTest {
    private static final SpiffeId ORDERS = SpiffeId.parse("spiffe://example.org/ns/shop/sa/orders");

    private static final Request TCP = Request.tcp().port(5432).build();
    private static final Decision DENIED =
            new Decision(false, null, null, null, -1, 7, Decision.Reason.NO_ALLOW_RULE_MATCHED);

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final TestSnapshots server = new TestSnapshots(authority, clock, ORDERS);
    private final TestFeed streams = new TestFeed();
    private final TestCa ca = TestCa.start(authority, clock, streams);
    private final EventLoops loops = EventLoops.create();
    private final TestSvids svids = new TestSvids();
    private final BundleKeeper bundles = TestBundles.keeper(authority, clock);
    private final Feed feed =
            new Feed(
                    bundles,
                    () -> svids.current().map(held -> held.svid().id()),
                    new LastKnownGood(Optional.empty()),
                    clock);
    private final DenialOutbox outbox = new DenialOutbox();
    private final EdgeTable edges = new EdgeTable(clock);
    private final AtomicInteger denials = new AtomicInteger();
    private volatile Optional<String> serverDenied = Optional.empty();
    private final DenyList denyList = peer -> serverDenied;
    private volatile AgentReport.IssuedUnder leaf = AgentReport.IssuedUnder.NOBODY;
    private final ControlPlaneSubscription subscription = subscription();

    @AfterEach
    void stop() {
        subscription.close();
        ca.close();
        loops.close();
    }

    @Test
    void subscribesWithTheWorkloadsCertificateAndAcknowledgesWhatIsInForce() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        TestCertificate leaf = renew();

        subscription.start();

        Acknowledgement ack =
                await().until(() -> acknowledgement(7), Optional::isPresent).orElseThrow();
        assertThat(ack.getRefusal()).isEmpty();
        assertThat(ack.getBundleEpoch()).isEqualTo(1);
        assertThat(ack.getBundleHash()).matches("[0-9a-f]{64}");
        assertThat(feed.revision()).isEqualTo(7);
        assertThat(streams.latest().peer().orElseThrow()).isEqualTo(leaf.certificate());
        assertThat(streams.latest().said().getFirst().getHello().getHeldRevision()).isZero();
        await().until(() -> subscription.status().connected());
    }

    @Test
    void acknowledgesAgainWhenItsLeafHasAnotherIssuerOrAnotherBundleIsLoaded() throws Exception {
        subscribe();

        leaf = new AgentReport.IssuedUnder("11", "22");
        await().until(() -> newest().getLeafRootKeyId().equals("22"));
        bundles.offer(
                TestBundles.sign(authority.bundle(2, authority.root()), authority.bundleSigner()));
        await().until(() -> newest().getBundleEpoch() == 2);

        assertThat(newest().getRevision()).isEqualTo(7);
        assertThat(newest().getLeafIssuerKeyId()).isEqualTo("11");
        assertThat(streams.streams()).hasSize(1);
    }

    @Test
    void leavesAServerThatIsDeniedOrWhoseRootIsGone() {
        subscribe();
        TestFeed.Stream first = streams.latest();

        serverDenied = Optional.of("rv-1: key lost");
        first.say(server.message(server.snapshot(8, "a/b")));

        await().until(first::ended);
        await().until(() ->
                subscription.status().problem().filter(p -> p.contains("DENIED")).isPresent());
        serverDenied = Optional.empty();
        await().until(() -> streams.streams().size() > 1 && subscription.status().connected());
    }

    @Test
    void hearsThatItsOwnCertificateIsDenied() {
        subscribe();

        streams.latest().refuse(Status.UNAUTHENTICATED, "SUBSCRIBER_DENIED");

        await().until(() -> denials.get() == 1);
    }

    @Test
    void knocksAgainWithItsNextCertificateWhereTheOneInUseIsDenied() {
        subscribe();

        svids.deny();
        streams.latest().refuse(Status.UNAUTHENTICATED, "SUBSCRIBER_DENIED");
        await().during(Duration.ofMillis(400)).until(() -> streams.streams().size() == 1);
        TestCertificate second = renew();

        await().until(() -> streams.streams().size() == 2 && subscription.status().connected());
        assertThat(streams.latest().peer().orElseThrow()).isEqualTo(second.certificate());
    }

    @Test
    void aChangeIsInForceWhenItIsPushed() {
        Snapshot first = server.snapshot(7, "a/b");
        streams.greet(server.message(first));
        renew();
        subscription.start();
        await().until(() -> feed.revision() == 7);

        streams.latest().say(server.message(first.deltaTo(server.snapshot(8, "a/c"))));

        await().until(() -> feed.revision() == 8);
        await().until(() -> acknowledgement(8).isPresent());
    }

    @Test
    void saysWhyARevisionCannotBeAppliedAndKeepsTheLast() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> feed.revision() == 7);

        streams.latest().say(server.message(server.snapshot(6, "a/b")));

        Acknowledgement ack =
                await().until(() -> acknowledgement(6), Optional::isPresent).orElseThrow();
        assertThat(ack.getRefusal()).contains("SNAPSHOT_WENT_BACK");
        assertThat(feed.revision()).isEqualTo(7);
        await().until(() -> subscription.status().problem().isPresent());
    }

    @Test
    void opensASecondStreamWithANewCertificateBeforeTheFirstEnds() {
        subscribe();
        TestFeed.Stream first = streams.latest();

        TestCertificate next = renew();

        await().until(() -> streams.streams().size() == 2);
        await().until(first::ended);
        assertThat(streams.latest().peer().orElseThrow()).isEqualTo(next.certificate());
        assertThat(streams.latest().said().getFirst().getHello().getHeldRevision()).isEqualTo(7);
        assertThat(streams.latest().ended()).isFalse();
    }

    @Test
    void keepsTheFirstStreamWhileTheSecondIsNotAnswered() {
        subscribe();
        TestFeed.Stream first = streams.latest();
        streams.greet();

        renew();

        await().until(() -> streams.streams().size() == 2 && !streams.latest().said().isEmpty());
        assertThat(first.ended()).isFalse();
        first.say(server.message(server.snapshot(8, "a/c")));
        await().until(() -> feed.revision() == 8);
    }

    @Test
    void comesBackAfterTheServerEndedTheStreamOrWasAway() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> feed.revision() == 7);

        streams.latest().end(Status.UNAVAILABLE.withDescription("DRAINING"));
        await().until(() -> streams.streams().size() == 2);

        ca.stop();
        await().until(() -> !subscription.status().connected());
        assertThat(feed.current()).as("the last revision stays in force").isPresent();
        streams.greet(server.message(server.snapshot(9, "a/c")));
        ca.start();

        await().until(() -> feed.revision() == 9);
        await().until(() -> subscription.status().connected());
    }

    @Test
    void reportsDenialsAsTheyHappen() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> subscription.status().connected());

        outbox.add(denial("7Q2FM4KX3B2T8WPC"));

        await().until(() -> reported().contains("7Q2FM4KX3B2T8WPC"));
    }

    @Test
    void denialsWaitForTheStream() {
        outbox.add(denial("AAAAAAAAAAAAAAAA"));
        streams.greet(server.message(server.snapshot(7, "a/b")));
        subscription.start();

        renew();

        await().until(() -> reported().contains("AAAAAAAAAAAAAAAA"));
    }

    @Test
    void denialsWithoutAReceiptGoOutAgainOnTheNextStream() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> subscription.status().connected());
        outbox.add(denial("AAAAAAAAAAAAAAAA"));
        await().until(() -> denialReports().size() == 1);
        outbox.add(denial("BBBBBBBBBBBBBBBB"));

        streams.latest().end(Status.UNAVAILABLE.withDescription("DRAINING"));

        await().until(() -> denialReports().size() == 2);
        assertThat(denialReports().getLast()).isEqualTo(denialReports().getFirst());
        streams.latest()
                .say(
                        SubscribeResponse.newBuilder()
                                .setDenialReceipt(
                                        DenialReceipt.newBuilder()
                                                .setSequence(
                                                        denialReports().getLast().getSequence()))
                                .build());
        await().until(() -> reported().contains("BBBBBBBBBBBBBBBB"));
        assertThat(denialReports()).hasSize(3);
        assertThat(feed.revision()).as("a receipt is no revision").isEqualTo(7);
    }

    @Test
    void asksAnewWhenADeltaDoesNotFit() {
        Snapshot missed = server.snapshot(7, "a/b");
        streams.greet(server.message(server.snapshot(6, "a/b")));
        renew();
        subscription.start();
        await().until(() -> feed.revision() == 6);
        streams.greet(server.message(server.snapshot(8, "a/b")));

        streams.streams().getFirst().say(server.message(missed.deltaTo(server.snapshot(8, "a/b"))));

        await().until(() -> feed.revision() == 8);
        assertThat(streams.streams()).hasSize(2);
    }

    @Test
    void anEdgeIsReportedAtOnceAndAgainOnTheNextStreamUntilTheServerHasIt() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> reports().size() == 1);
        assertThat(reports().getFirst().getEdgesList()).as("says that it is there").isEmpty();
        streams.latest().say(receipt(1));

        edges.seen(Optional.empty(), TCP, DENIED, null);
        await().until(() -> reports().size() == 2);
        streams.latest().end(Status.UNAVAILABLE);
        await().until(() -> streams.streams().size() == 2 && reports().size() == 3);

        assertThat(reports().get(2)).isEqualTo(reports().get(1));
        assertThat(reports().get(2).getSequence()).isEqualTo(2);
        assertThat(reports().get(2).getEdges(0).getPort()).isEqualTo(5432);
    }

    @Test
    void theNextReportWaitsForTheReceipt() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> reports().size() == 1);

        edges.seen(Optional.empty(), TCP, DENIED, null);
        streams.latest().say(server.message(server.snapshot(8, "a/b")));
        await().until(() -> acknowledgement(8).isPresent());
        assertThat(reports()).as("the first has no receipt yet").hasSize(1);
        streams.latest().say(receipt(1));

        await().until(() -> reports().size() == 2);
        assertThat(reports().get(1).getEdgesCount()).isEqualTo(1);
        assertThat(subscription.status().problem()).isEmpty();
    }

    @Test
    void whatIsLeftIsSaidBeforeTheAgentStops() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> reports().size() == 1);
        edges.seen(Optional.empty(), TCP, DENIED, null);

        subscription.close();

        await().until(() -> reports().size() == 3);
        assertThat(reports().get(2).getLast()).isTrue();
        assertThat(reports().get(2).getEdgesCount()).isEqualTo(1);
    }

    private List<EdgeReport> reports() {
        return streams.streams().stream()
                .flatMap(stream -> stream.said().stream())
                .filter(SubscribeRequest::hasEdges)
                .map(SubscribeRequest::getEdges)
                .toList();
    }

    private static SubscribeResponse receipt(long sequence) {
        return SubscribeResponse.newBuilder()
                .setEdgeReceipt(EdgeReceipt.newBuilder().setSequence(sequence))
                .build();
    }

    /** With its first certificate, to revision 7. */
    private void subscribe() {
        streams.greet(server.message(server.snapshot(7, "a/b")));
        renew();
        subscription.start();
        await().until(() -> acknowledgement(7).isPresent());
    }

    private TestCertificate renew() {
        TestCertificate leaf = authority.leaf(ORDERS).build();
        svids.put(ORDERS, leaf);
        return leaf;
    }

    private Optional<Acknowledgement> acknowledgement(long revision) {
        return streams.streams().stream()
                .flatMap(stream -> stream.said().stream())
                .filter(SubscribeRequest::hasAcknowledgement)
                .map(SubscribeRequest::getAcknowledgement)
                .filter(ack -> ack.getRevision() == revision)
                .findFirst();
    }

    private Acknowledgement newest() {
        return streams.streams().stream()
                .flatMap(stream -> stream.said().stream())
                .filter(SubscribeRequest::hasAcknowledgement)
                .map(SubscribeRequest::getAcknowledgement)
                .reduce((one, later) -> later)
                .orElseThrow();
    }

    private List<DenialReport> denialReports() {
        return streams.streams().stream()
                .flatMap(stream -> stream.said().stream())
                .filter(SubscribeRequest::hasDenials)
                .map(SubscribeRequest::getDenials)
                .toList();
    }

    private List<String> reported() {
        return denialReports().stream()
                .flatMap(report -> report.getDenialsList().stream())
                .map(dev.countersign.wire.v1.Denial::getId)
                .toList();
    }

    private static Denial denial(String id) {
        return new Denial(
                id,
                MutableClock.START,
                1,
                "",
                "10.0.0.1",
                Optional.empty(),
                8080,
                "tcp",
                "",
                "",
                "",
                new Decision(false, null, null, null, -1, 0, Decision.Reason.NO_POLICY_SOURCE),
                "because");
    }

    private ControlPlaneSubscription subscription() {
        CaAddress address =
                CaAddress.parse(ca.address(), WellKnownIds.caServer(authority.trustDomain()));
        return new ControlPlaneSubscription(
                new ControlPlaneSubscription.Parts(
                        new CaChannels(
                                address,
                                new SvidVerifier(bundles, clock),
                                denyList,
                                new RootCounter(clock),
                                loops),
                        svids,
                        feed,
                        outbox,
                        edges,
                        new KeyWishes(),
                        () ->
                                new AgentReport(
                                        "1",
                                        Optional.empty(),
                                        leaf,
                                        0,
                                        AgentReport.IssuedUnder.NOBODY,
                                        Optional.of(Duration.ZERO),
                                        1,
                                        Optional.empty()),
                        new ClockOffset(),
                        denials::incrementAndGet,
                        "test",
                        "instance-1"),
                clock,
                new SecureRandom());
    }
}
