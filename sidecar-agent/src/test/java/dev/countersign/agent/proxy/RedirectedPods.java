package dev.countersign.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.countersign.agent.authorization.EndUserTokens;
import dev.countersign.agent.authorization.FakeAuthorizer;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.agent.ca.ServiceChannels;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.proxy.redirect.KernelDestinations;
import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.agent.proxy.traffic.Traffic;
import dev.countersign.agent.proxy.traffic.TrafficMetrics;
import dev.countersign.agent.redirect.RedirectSettings;
import dev.countersign.agent.redirect.Redirection;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.subscription.KeyWishes;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.testing.Namespace;
import dev.countersign.agent.testing.NamespaceNetwork;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Two hosts with an agent in redirect mode each, {@code web} and {@code orders}, and a stranger without
 * one; each in a network namespace of its own, with the kernel's rules as {@code redirect install} lays
 * them.
 */
final class RedirectedPods implements AutoCloseable {
    static final int INBOUND = RedirectSettings.INBOUND_PORT;
    static final int OUTBOUND = RedirectSettings.OUTBOUND_PORT;

    /** Stands for {@code orders} as a whole; nobody has it. */
    static final InetSocketAddress SERVICE = new InetSocketAddress("10.96.0.10", 80);

    static final InetSocketAddress SERVICE_V6 = new InetSocketAddress("fd96::10", 80);
    static final InetSocketAddress RPC = new InetSocketAddress("10.96.0.10", 81);
    static final InetSocketAddress QUEUE = new InetSocketAddress("10.96.0.11", 5672);

    final InstantSource clock = InstantSource.system();
    final TestAuthority authority = TestAuthority.create("mesh.test", clock, 1);
    final SpiffeId webId = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/web");
    final SpiffeId ordersId = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/orders");
    final NamespaceNetwork network;
    final Namespace web;
    final Namespace orders;
    final Namespace stranger;
    final FakeAuthorizer ordersPolicy = new FakeAuthorizer(request -> true);
    final FakePolicies policies = new FakePolicies();
    final FakeDirectory directory = new FakeDirectory(clock);
    final SimpleMeterRegistry webMeters = new SimpleMeterRegistry();
    final SimpleMeterRegistry ordersMeters = new SimpleMeterRegistry();
    private final FakeSvids webSvids = new FakeSvids();
    private final FakeSvids ordersSvids = new FakeSvids();
    private final EventLoops loops = EventLoops.create();
    private final ExternalAuthorization external;
    final ProxyServer webAgent;
    final ProxyServer ordersAgent;

    private RedirectedPods(RedirectConfig.Egress egress) throws Exception {
        webSvids.hold(webId, authority.leaf(webId).build());
        ordersSvids.hold(ordersId, authority.leaf(ordersId).build());
        external =
                new ExternalAuthorization(
                        new ServiceChannels(
                                new SvidVerifier(bundles(), clock),
                                peer -> Optional.empty(),
                                new RootCounter(clock),
                                loops,
                                () -> ordersSvids.current().map(HeldSvid::asClient)),
                        ordersMeters);
        network = NamespaceNetwork.of("web", "orders", "stranger");
        web = network.host("web");
        orders = network.host("orders");
        stranger = network.host("stranger");
        try {
            webAgent =
                    web.run(() ->
                            agent(
                                    web,
                                    webSvids,
                                    new FakeAuthorizer(request -> true),
                                    webMeters,
                                    egress));
            ordersAgent =
                    orders.run(
                            () -> agent(orders, ordersSvids, ordersPolicy, ordersMeters, egress));
            web.run(() -> Redirection.ofThisHost().install(RedirectSettings.of(0)));
            orders.run(() -> Redirection.ofThisHost().install(RedirectSettings.of(0)));
        } catch (Exception e) {
            network.close();
            throw e;
        }
        meshed();
    }

    static RedirectedPods open(boolean unmeshed, boolean unlisted) throws Exception {
        return new RedirectedPods(new RedirectConfig.Egress(unmeshed, unlisted));
    }

    /** What the directory says when nothing else is said: {@code orders} at its two addresses. */
    void meshed() {
        directory.say(
                entry(SERVICE, DirectoryEntry.Protocol.AUTO, place(orders.v4(8080))),
                entry(SERVICE_V6, DirectoryEntry.Protocol.AUTO, place(orders.v6(8080))),
                entry(
                        RPC,
                        DirectoryEntry.Protocol.AUTO,
                        place(orders.v4(8081)),
                        place(orders.v6(8081))),
                entry(QUEUE, DirectoryEntry.Protocol.TCP, place(orders.v4(5672))));
    }

    static DirectoryEntry entry(
            InetSocketAddress service,
            DirectoryEntry.Protocol protocol,
            DirectoryEntry.Endpoint... places) {
        return new DirectoryEntry(service.toString(), List.of(service), protocol, List.of(places));
    }

    DirectoryEntry.Endpoint place(InetSocketAddress address) {
        return new DirectoryEntry.Endpoint(address, Optional.of(ordersId), true);
    }

    static DirectoryEntry.Endpoint unmeshed(InetSocketAddress address) {
        return new DirectoryEntry.Endpoint(address, Optional.empty(), true);
    }

    static InetSocketAddress any(int port) {
        return new InetSocketAddress("::", port);
    }

    @Override
    public void close() throws IOException {
        webAgent.close();
        ordersAgent.close();
        external.close();
        loops.close();
        network.close();
        await().atMost(Mesh.PATIENCE)
                .untilAsserted(() ->
                        assertThat(webAgent.buffersInUse() + ordersAgent.buffersInUse())
                                .as("buffers left behind")
                                .isZero());
    }

    private ProxyServer agent(
            Namespace host,
            FakeSvids svids,
            FakeAuthorizer authorizer,
            SimpleMeterRegistry meters,
            RedirectConfig.Egress egress)
            throws IOException {
        RedirectConfig config =
                new RedirectConfig(
                        List.of(new InetSocketAddress("::", INBOUND)),
                        List.of(
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), OUTBOUND),
                                new InetSocketAddress(InetAddress.ofLiteral("::1"), OUTBOUND)),
                        Protocol.AUTO,
                        Map.of(5672, Protocol.TCP),
                        egress,
                        Set.of());
        ProxyServer agent =
                new ProxyServer(
                        new ProxyConfig(
                                List.of(),
                                List.of(),
                                ProxyLimits.defaults(),
                                IdentityFields.defaults(),
                                1,
                                Optional.of(
                                        new RedirectMode(
                                                config,
                                                directory,
                                                new KernelDestinations(),
                                                host::has))),
                        svids,
                        new SvidVerifier(bundles(), clock),
                        peer -> Optional.empty(),
                        new RootCounter(clock),
                        authorizer,
                        policies,
                        () -> OnPeerCertificateExpiry.KEEP,
                        external,
                        new EndUserTokens(policies, new KeyWishes(), clock, meters),
                        new EdgeTable(clock),
                        new Traffic(
                                new TrafficMetrics(100),
                                Optional.empty(),
                                new Tap(),
                                Optional.empty(),
                                clock),
                        Optional.empty(),
                        meters,
                        clock,
                        new SecureRandom());
        agent.start();
        return agent;
    }

    private Mesh.SwitchableBundles bundles() {
        return new Mesh.SwitchableBundles(authority.bundle());
    }
}
