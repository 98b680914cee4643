package dev.countersign.deploy.bench;

import dev.countersign.agent.authorization.Authorizer;
import dev.countersign.agent.authorization.DecisionLog;
import dev.countersign.agent.authorization.Permit;
import dev.countersign.agent.authorization.PolicyAuthorizer;
import dev.countersign.agent.ca.BootstrapToken;
import dev.countersign.agent.ca.CaAddress;
import dev.countersign.agent.ca.CaChannels;
import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.agent.ca.GrpcCaClient;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.proxy.connection.ConnectionTable;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.ProxyMetrics;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.subscription.AgentReport;
import dev.countersign.agent.subscription.ControlPlaneSubscription;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.agent.subscription.Feed;
import dev.countersign.agent.subscription.KeyWishes;
import dev.countersign.agent.subscription.LastKnownGood;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidRotator;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.BundleCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * What an agent has between the control plane and a decision, as {@code Agent} wires it: a rotator
 * with a certificate of its own, the subscription on its own thread, what it believes, what it
 * decides. Left out are the proxy, the ops page and the state directory; the I/O thread to the CA is
 * shared.
 */
final class SimulatedAgent {
    private static final InstantSource CLOCK = InstantSource.system();

    private final SvidVerifier verifier;
    private final SvidRotator rotator;
    private final Feed feed;
    private final Authorizer authorizer;
    private final ConnectionTable table;
    private final ControlPlaneSubscription subscription;
    private volatile boolean allowed;

    SimulatedAgent(
            String name,
            CaAddress ca,
            Bootstrap bootstrap,
            Path token,
            EventLoops loops,
            SecureRandom random) {
        ClockOffset offset = new ClockOffset();
        LastKnownGood kept = new LastKnownGood(Optional.empty());
        BundleKeeper bundles = new BundleKeeper(bootstrap, CLOCK, BundleCodec::decode);
        verifier = new SvidVerifier(bundles, CLOCK);
        AtomicReference<DenyList> told = new AtomicReference<>(DenyList.EMPTY);
        DenyList denied = peer -> Objects.requireNonNull(told.get()).denies(peer);
        CaChannels channels = new CaChannels(ca, verifier, denied, new RootCounter(CLOCK), loops);
        rotator =
                new SvidRotator(
                        new GrpcCaClient(
                                channels, new BootstrapToken(token), bundles::offer, offset, CLOCK),
                        verifier,
                        denied,
                        bundles,
                        kept,
                        random,
                        CLOCK,
                        System::nanoTime);
        feed = new Feed(bundles, () -> rotator.current().map(h -> h.svid().id()), kept, CLOCK);
        told.set(feed);
        table =
                new ConnectionTable(
                        Integer.MAX_VALUE,
                        Integer.MAX_VALUE,
                        new ProxyMetrics(new SimpleMeterRegistry()),
                        CLOCK,
                        random);
        feed.onChange(rotator::recheck);
        feed.onDenied(table::deny);
        DenialOutbox outbox = new DenialOutbox();
        EdgeTable edges = new EdgeTable(CLOCK);
        authorizer =
                new PolicyAuthorizer(
                        feed,
                        feed,
                        new DecisionLog(outbox, edges, random, CLOCK),
                        new SimpleMeterRegistry());
        subscription =
                new ControlPlaneSubscription(
                        new ControlPlaneSubscription.Parts(
                                channels,
                                rotator,
                                feed,
                                outbox,
                                edges,
                                new KeyWishes(),
                                () -> report(offset),
                                offset,
                                rotator::certificateDenied,
                                "bench",
                                name),
                        CLOCK,
                        random);
    }

    /** Gets a certificate, then subscribes. */
    void start() {
        subscription.start();
        Thread.ofPlatform().daemon().name("svid").start(rotator::run);
    }

    /** Takes a connection that is open, as one that was let in from this peer. */
    void holds(Channel channel, VerifiedPeer peer) {
        table.add(Direction.INBOUND, "bench", channel, Optional.of(peer), 0, "tcp");
    }

    /** Whether its own certificate is from this intermediate. */
    boolean isUnder(String issuerKeyId) {
        try {
            return asPeer().issuerKeyId().equals(issuerKeyId);
        } catch (TrustRefused e) {
            return true;
        }
    }

    /** Whether a snapshot is in force. */
    boolean hasPolicies() {
        return feed.current().isPresent();
    }

    String problem() {
        return subscription.status().problem().orElse("none");
    }

    /** Who this agent is, as any other would verify it; only with a certificate. */
    VerifiedPeer asPeer() throws TrustRefused {
        return verifier.verify(rotator.current().orElseThrow().svid().chain());
    }

    /**
     * Asks again whenever something came into force.
     *
     * @param flipped gets {@link System#nanoTime} of each decision that differs from the one before
     */
    void watch(VerifiedPeer caller, Request request, LongConsumer flipped) {
        allowed = stillAllowed(caller, request);
        feed.onChange(() -> {
            boolean now = stillAllowed(caller, request);
            if (now != allowed) {
                allowed = now;
                flipped.accept(System.nanoTime());
            }
        });
    }

    /** What the last decision was. */
    boolean allowed() {
        return allowed;
    }

    /** The decision for a new request: logged, and reported when denied. */
    boolean decides(VerifiedPeer caller, Request request) {
        return authorizer.decide(Optional.of(caller), request, ProviderAnswers.NONE)
                instanceof Permit;
    }

    private boolean stillAllowed(VerifiedPeer caller, Request request) {
        return authorizer.stillAllowed(Optional.of(caller), request, ProviderAnswers.NONE);
    }

    private AgentReport report(ClockOffset offset) {
        Optional<HeldSvid> held = rotator.current();
        return new AgentReport(
                held.map(h -> h.svid().chain().getFirst().getSerialNumber().toString(16))
                        .orElse(""),
                held.map(h -> h.svid().chain().getFirst().getNotAfter().toInstant()),
                AgentReport.IssuedUnder.NOBODY,
                0,
                AgentReport.IssuedUnder.NOBODY,
                offset.current(),
                1,
                Optional.empty());
    }
}
