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
import dev.countersign.agent.tracing.SpanQueue;
import dev.countersign.agent.tracing.Tracer;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.FederatedBundles;
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

    /** What both believe: {@link #bundles}, and bundles of other trust domains beside it. */
    final FederatedBundles believed = new FederatedBundles(bundles);

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
    volatile Optional<String> denied = Optional.empty();
    volatile OnPeerCertificateExpiry onExpiry = OnPeerCertificateExpiry.KEEP;
    final ProxyServer called;
    final ProxyServer caller;

    private Mesh(Setup setup) {
        rotate();
        try {
            called =
                    agent(
                            new ProxyConfig(
                                    List.of(
                                            new InboundListener(
                                                    IN,
                                                    loopback(),
                                                    setup.application(),
                                                    setup.protocol())),
                                    List.of(),
                                    setup.limits(),
                                    setup.identity(),
                                    1),
                            new Side(
                                    ordersSvids,
                                    peer -> denied,
                                    calledRoots,
                                    calledEdges,
                                    new Traffic(
                                            calledMetrics,
                                            Optional.empty(),
                                            tap,
                                            setup.spans(),
                                            clock),
                                    calledMeters),
                            setup);
            called.start();
            caller =
                    agent(
                            new ProxyConfig(
                                    List.of(),
                                    List.of(
                                            new OutboundListener(
                                                    OUT,
                                                    loopback(),
                                                    setup.peer().orElseGet(this::inbound),
                                                    setup.expected().orElse(orders),
                                                    setup.protocol())),
                                    setup.limits(),
                                    setup.identity(),
                                    1),
                            new Side(
                                    webSvids,
                                    peer -> Optional.empty(),
                                    callerRoots,
                                    callerEdges,
                                    new Traffic(
                                            callerMetrics,
                                            Optional.empty(),
                                            new Tap(),
                                            setup.spans(),
                                            clock),
                                    callerMeters),
                            setup);
            caller.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProxyServer agent(ProxyConfig config, Side side, Setup setup) {
        return new ProxyServer(
                config,
                side.svids(),
                new SvidVerifier(believed, clock),
                side.denied(),
                side.roots(),
                authorizer,
                policies,
                () -> onExpiry,
                external,
                tokens,
                side.edges(),
                side.traffic(),
                setup.spans().map(spans -> new Tracer(1, new SecureRandom()::nextLong)),
                side.meters(),
                clock,
                new SecureRandom());
    }

    /** What is different on the two sides. */
    private record Side(
            FakeSvids svids,
            DenyList denied,
            RootCounter roots,
            EdgeTable edges,
            Traffic traffic,
            SimpleMeterRegistry meters) {}

    /**
     * How the two are set up.
     *
     * @param application behind {@code orders}
     * @param expected whom {@code web} takes for {@code orders}; empty: that it is
     * @param peer where {@code web}'s listener leads; empty: to the agent of {@code orders}
     * @param spans empty: nobody traces
     */
    record Setup(
            SocketAddress application,
            Protocol protocol,
            Optional<SpiffeId> expected,
            Optional<InetSocketAddress> peer,
            ProxyLimits limits,
            IdentityFields identity,
            Optional<SpanQueue> spans) {
        static Setup of(SocketAddress application, Protocol protocol) {
            return new Setup(
                    application,
                    protocol,
                    Optional.empty(),
                    Optional.empty(),
                    ProxyLimits.defaults(),
                    IdentityFields.defaults(),
                    Optional.empty());
        }

        Setup limits(ProxyLimits value) {
            return new Setup(application, protocol, expected, peer, value, identity, spans);
        }

        Setup identity(IdentityFields value) {
            return new Setup(application, protocol, expected, peer, limits, value, spans);
        }

        Setup traced(SpanQueue value) {
            return new Setup(
                    application, protocol, expected, peer, limits, identity, Optional.of(value));
        }

        Mesh open() {
            return new Mesh(this);
        }
    }

    static Mesh of(SocketAddress application, Protocol protocol) {
        return Setup.of(application, protocol).open();
    }

    static Mesh of(SocketAddress application, Protocol protocol, ProxyLimits limits) {
        return Setup.of(application, protocol).limits(limits).open();
    }

    static Mesh expecting(SocketAddress application, SpiffeId expected) {
        return aside(application, Optional.of(expected), Optional.empty());
    }

    /** The caller's listener leads to this peer, which must be {@code orders}, not to an agent. */
    static Mesh calling(InetSocketAddress peer) {
        return aside(peer, Optional.empty(), Optional.of(peer));
    }

    private static Mesh aside(
            SocketAddress application,
            Optional<SpiffeId> expected,
            Optional<InetSocketAddress> peer) {
        return new Mesh(
                new Setup(
                        application,
                        Protocol.HTTP,
                        expected,
                        peer,
                        ProxyLimits.defaults(),
                        IdentityFields.defaults(),
                        Optional.empty()));
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
