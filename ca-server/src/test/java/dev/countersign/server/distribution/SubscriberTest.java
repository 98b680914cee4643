package dev.countersign.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.Delta;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.feed.Snapshot;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.policy.MeshSettings;
import dev.countersign.server.authority.BundlePublisher;
import dev.countersign.server.tokenkeys.FetchedKeys;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubscriberTest {
    private static final MeshSettings MESH =
            MeshSettings.countersign("countersign-system", "example.org");

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final PolicyFeed policies = new PolicyFeed(MESH, clock);
    private final Recorder outbox = new Recorder();
    private final Subscriber subscriber = subscriber();

    @Test
    void hasNotTheNewestBeforeItWasSentNorWhileItIsBeingSent() {
        assertThat(subscriber.hasNewest()).isFalse();

        subscriber.flush();

        assertThat(outbox.newestWhileSending).containsExactly(false);
        assertThat(subscriber.hasNewest()).isTrue();
    }

    @Test
    void aChangeMeanwhileIsSentOnTheNextRound() {
        subscriber.flush();
        policies.touch();
        subscriber.markChanged();
        assertThat(subscriber.hasNewest()).isFalse();

        subscriber.flush();

        assertThat(outbox.newestWhileSending).containsExactly(false, false);
        assertThat(subscriber.hasNewest()).isTrue();
    }

    @Test
    void whoDoesNotReadIsNotWaitedFor() {
        outbox.ready = false;

        subscriber.flush();

        assertThat(outbox.newestWhileSending).isEmpty();
        assertThat(subscriber.hasNewest()).isTrue();
    }

    private Subscriber subscriber() {
        TrustBundle bundle = authority.bundle(1, authority.root());
        SignedTrustBundle signed = TestAuthority.sign(bundle, authority.bundleSigner());
        BundlePublisher bundles =
                new BundlePublisher() {
                    @Override
                    public TrustBundle bundle() {
                        return bundle;
                    }

                    @Override
                    public SignedTrustBundle signedBundle() {
                        return signed;
                    }

                    @Override
                    public List<SignedTrustBundle> handovers() {
                        return List.of();
                    }

                    @Override
                    public String keyId() {
                        return signed.keyId();
                    }

                    @Override
                    public byte[] sign(String context, byte[] payload) {
                        throw new AssertionError("the outbox signs");
                    }

                    @Override
                    public void onChange(Runnable listener) {
                        throw new AssertionError("nobody listens");
                    }
                };
        SnapshotMaker snapshots =
                new SnapshotMaker(
                        policies,
                        bundles,
                        () ->
                                new AgentSettings(
                                        MESH, OnPeerCertificateExpiry.KEEP, Optional.empty()),
                        new ServiceDirectory(List.of()),
                        new FetchedKeys(
                                address -> {
                                    throw new AssertionError(address);
                                },
                                clock,
                                Runnable::run),
                        List::of,
                        List::of,
                        clock);
        ServiceAccountName account = new ServiceAccountName("shop", "orders");
        VerifiedPeer peer = peer(bundle);
        return new Subscriber(
                new Subscriber.Hello(
                        "one",
                        peer,
                        new SubscriberRecord(account, "orders-0", "uid-0", Map.of()),
                        InetAddress.getLoopbackAddress(),
                        0),
                outbox,
                snapshots,
                clock.instant());
    }

    private VerifiedPeer peer(TrustBundle bundle) {
        try {
            return new SvidVerifier(TrustBundles.fixed(bundle), clock)
                    .verify(authority.leaf("/ns/shop/sa/orders").build().chain());
        } catch (TrustRefused fault) {
            throw new AssertionError(fault);
        }
    }

    /** What the stream is said to have, from within each send. */
    private final class Recorder implements Outbox {
        private final List<Boolean> newestWhileSending = new ArrayList<>();
        private boolean ready = true;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void send(Snapshot snapshot) {
            newestWhileSending.add(subscriber.hasNewest());
        }

        @Override
        public void send(Delta delta) {
            newestWhileSending.add(subscriber.hasNewest());
        }

        @Override
        public void renew(String rootKeyId, Instant by) {
            throw new AssertionError("nobody asked");
        }

        @Override
        public void end(End end, String message) {
            throw new AssertionError(message);
        }
    }
}
