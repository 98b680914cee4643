package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.authorization.EndUserTokens;
import dev.countersign.agent.authorization.FakeAuthorizer;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.agent.ca.ServiceChannels;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.agent.proxy.traffic.Traffic;
import dev.countersign.agent.proxy.traffic.TrafficExport;
import dev.countersign.agent.proxy.traffic.TrafficMetrics;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.subscription.KeyWishes;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Two agents on loopback: {@code web} calls, {@code orders} is called, with real TLS between them.
 * What is decided, denied and believed can be changed while they run.
 */
final class Mesh implements AutoCloseable {
    static final String IN = "in";
    static final String OUT = "out";

    static {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    private volatile Duration ahead = Duration.ZERO;
    final InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
    final TestAuthority authority = TestAuthority.create("mesh.test", clock, 1);
    final SpiffeId web = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/web");
    final SpiffeId orders = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/orders");
    final FakeSvids webSvids = new FakeSvids();
    final FakeSvids ordersSvids = new FakeSvids();
    final FakeAuthorizer authorizer = new FakeAuthorizer(request -> true);
    final FakePolicies policies = new FakePolicies();
    final SwitchableBundles bundles = new SwitchableBundles(authority.bundle());
    final SimpleMeterRegistry callerMeters = new SimpleMeterRegistry();
    final SimpleMeterRegistry calledMeters = new SimpleMeterRegistry();
    final RootCounter callerRoots = new RootCounter(clock);
    final RootCounter calledRoots = new RootCounter(clock);
    final EventLoops providerLoops = EventLoops.create();
    final ExternalAuthorization external =
            new ExternalAuthorization(
                    new ServiceChannels(
                            new SvidVerifier(bundles, clock),
                            DenyList.EMPTY,
                            new RootCounter(clock),
                            providerLoops,
                            () -> ordersSvids.current().map(HeldSvid::asClient)),
                    calledMeters);
    final KeyWishes keyWishes = new KeyWishes();
    final EndUserTokens tokens = new EndUserTokens(policies, keyWishes, clock, calledMeters);
    final EdgeTable calledEdges = new EdgeTable(clock);
    final EdgeTable callerEdges = new EdgeTable(clock);
    final Tap tap = new Tap();
    final TrafficMetrics calledMetrics = new TrafficMetrics(100);
    final TrafficMetrics callerMetrics = new TrafficMetrics(100);
    final Traffic calledTraffic = new Traffic(calledMetrics, Optional.empty(), tap, clock);
    final Traffic callerTraffic = new Traffic(callerMetrics, Optional.empty(), new Tap(), clock);
    volatile Optional<String> denied = Optional.empty();
    volatile OnPeerCertificateExpiry onExpiry = OnPeerCertificateExpiry.KEEP;
    final ProxyServer called;
    final ProxyServer caller;

    private Mesh(
            SocketAddress application,
            Protocol protocol,
            Protocol outbound,
            SpiffeId expected,
            Optional<InetSocketAddress> destination,
            ProxyLimits limits) {
        rotate();
        try {
            called =
                    new ProxyServer(
                            new ProxyConfig(
                                    List.of(
                                            new InboundListener(
                                                    IN, loopback(), application, protocol)),
                                    List.of(),
                                    limits,
                                    true,
                                    1),
                            ordersSvids,
                            new SvidVerifier(bundles, clock),
                            peer -> denied,
                            calledRoots,
                            authorizer,
                            policies,
                            () -> onExpiry,
                            external,
                            tokens,
                            calledEdges,
                            calledTraffic,
                            calledMeters,
                            clock,
                            new SecureRandom());
            called.start();
            caller =
                    new ProxyServer(
                            new ProxyConfig(
                                    List.of(),
                                    List.of(
                                            new OutboundListener(
                                                    OUT,
                                                    loopback(),
                                                    destination.orElseGet(this::inbound),
                                                    expected.path().isEmpty() ? orders : expected,
                                                    outbound)),
                                    limits,
                                    true,
                                    1),
                            webSvids,
                            new SvidVerifier(bundles, clock),
                            peer -> Optional.empty(),
                            callerRoots,
                            authorizer,
                            policies,
                            () -> onExpiry,
                            external,
                            tokens,
                            callerEdges,
                            callerTraffic,
                            callerMeters,
                            clock,
                            new SecureRandom());
            caller.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Mesh of(SocketAddress application, Protocol protocol) {
        return of(application, protocol, ProxyLimits.defaults());
    }

    static Mesh of(SocketAddress application, Protocol protocol, ProxyLimits limits) {
        return new Mesh(application, protocol, protocol, nobody(), Optional.empty(), limits);
    }

    static Mesh expecting(SocketAddress application, SpiffeId expected) {
        return new Mesh(
                application,
                Protocol.HTTP,
                Protocol.HTTP,
                expected,
                Optional.empty(),
                ProxyLimits.defaults());
    }

    /** The caller's listener leads to this peer, which must be {@code orders}, not to an agent. */
    static Mesh calling(InetSocketAddress peer) {
        return new Mesh(
                peer,
                Protocol.HTTP,
                Protocol.HTTP,
                nobody(),
                Optional.of(peer),
                ProxyLimits.defaults());
    }

    /** Has the clock of both, and of their certificates, go ahead. */
    void later(Duration by) {
        ahead = ahead.plus(by);
    }

    /** New certificates for both. */
    void rotate() {
        webSvids.hold(web, certificate(web));
        ordersSvids.hold(orders, certificate(orders));
    }

    TestCertificate certificate(SpiffeId id) {
        return authority.leaf(id).build();
    }

    InetSocketAddress inbound() {
        return address(called, IN);
    }

    InetSocketAddress outbound() {
        return address(caller, OUT);
    }

    /** A plaintext connection to the caller's outbound listener, as the application makes it. */
    Socket dial() throws IOException {
        return new Socket(outbound().getAddress(), outbound().getPort());
    }

    /** Of a counter by name and tags, 0 when nothing was counted. */
    static double count(SimpleMeterRegistry meters, String name, String... tags) {
        Counter counter = meters.find(name).tags(tags).counter();
        return counter == null ? 0 : counter.count();
    }

    /** As Prometheus would read it. */
    String scrape(TrafficMetrics metrics) {
        PrometheusMeterRegistry page = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        page.getPrometheusRegistry().register(new TrafficExport(metrics, () -> "self"));
        return page.scrape();
    }

    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public void close() {
        caller.close();
        called.close();
        external.close();
        providerLoops.close();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(caller.buffersInUse() + called.buffersInUse())
                                .as("buffers left behind")
                                .isZero());
    }

    private static InetSocketAddress address(ProxyServer server, String name) {
        SocketAddress address = server.addresses().get(name);
        if (!(address instanceof InetSocketAddress inet)) {
            throw new IllegalStateException("listener: " + name + " (expected: bound)");
        }
        return inet;
    }

    private static SpiffeId nobody() {
        return new SpiffeId(TrustDomain.parse("nobody"), "");
    }

    /** A bundle that can be replaced. */
    static final class SwitchableBundles implements TrustBundles {
        private volatile TrustBundle bundle;

        SwitchableBundles(TrustBundle bundle) {
            this.bundle = bundle;
        }

        void replace(TrustBundle next) {
            bundle = next;
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return bundle.trustDomain().equals(trustDomain)
                    ? Optional.of(bundle)
                    : Optional.empty();
        }

        @Override
        public long epoch() {
            return bundle.epoch();
        }
    }

    static final Duration PATIENCE = Duration.ofSeconds(60);
}
