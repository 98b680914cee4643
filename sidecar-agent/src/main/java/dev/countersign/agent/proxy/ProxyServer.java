package dev.countersign.agent.proxy;

import dev.countersign.agent.authorization.Authorizer;
import dev.countersign.agent.authorization.EndUserTokens;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.proxy.connection.BufferPressure;
import dev.countersign.agent.proxy.connection.ConnectionTable;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.PeerExpiry;
import dev.countersign.agent.proxy.connection.ProxyMetrics;
import dev.countersign.agent.proxy.connection.Transport;
import dev.countersign.agent.proxy.http2.StreamQuota;
import dev.countersign.agent.proxy.relay.Drain;
import dev.countersign.agent.proxy.tls.TlsContexts;
import dev.countersign.agent.proxy.traffic.Traffic;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.agent.tracing.Tracer;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of one agent and everything behind them. Made, {@link #start started}, {@link #drain
 * drained} and {@link #close closed} once.
 */
public final class ProxyServer implements AutoCloseable {
    private static final Duration DRAIN_POLL = Duration.ofMillis(10);
    private static final Logger LOG = LoggerFactory.getLogger(ProxyServer.class);

    private final ProxyConfig config;
    private final Authorizer authorizer;
    private final PolicySource policies;
    private final Supplier<OnPeerCertificateExpiry> onPeerExpiry;
    private final Providers providers;
    private final Transport transport;
    private final TlsContexts tls;
    private final ConnectionTable table;
    private final Shared shared;
    private final HandshakeLog log;
    private final Map<String, Channel> listeners = new LinkedHashMap<>();
    private final List<OutboundRoute> outbound = new ArrayList<>();
    private final Set<Integer> ownPorts = ConcurrentHashMap.newKeySet();
    private final InstantSource clock;
    private final RandomGenerator random;

    /**
     * Takes the collaborators; opens nothing yet.
     *
     * @param svids the identity of new connections; without one they are refused
     * @param verifier whom to believe
     * @param roots told which root each handshake needed
     * @param external whom CUSTOM policies ask; closed by its owner
     * @param policies asked for the mesh's path normalisation; its changes have everything that is
     *     open decided again
     * @param edges told whom the application calls; what is let in comes from the authorizer
     * @param onPeerExpiry what the server wants done with connections that outlive their peer's
     *     certificate
     * @param traffic told of everything that passes
     * @param tracer has each request carry its place in a trace; empty: whatever it says goes on
     * @param random spreads what would else happen to many connections at once
     */
    public ProxyServer(
            ProxyConfig config,
            SvidSource svids,
            SvidVerifier verifier,
            DenyList denyList,
            RootCounter roots,
            Authorizer authorizer,
            PolicySource policies,
            Supplier<OnPeerCertificateExpiry> onPeerExpiry,
            ExternalAuthorization external,
            EndUserTokens tokens,
            EdgeTable edges,
            Traffic traffic,
            Optional<Tracer> tracer,
            MeterRegistry meters,
            InstantSource clock,
            RandomGenerator random) {
        this.config = config;
        this.authorizer = authorizer;
        this.policies = policies;
        this.onPeerExpiry = onPeerExpiry;
        this.providers = new Providers(external, tokens, policies, clock);
        this.transport = new Transport(config.eventLoops());
        this.tls = new TlsContexts(svids, verifier, denyList, roots);
        ProxyMetrics metrics = new ProxyMetrics(meters);
        this.table =
                new ConnectionTable(
                        config.limits().connections(),
                        config.limits().overload().connectionsPerPeer(),
                        metrics,
                        clock,
                        random);
        this.shared =
                new Shared(
                        config,
                        transport,
                        tls,
                        table,
                        metrics,
                        edges,
                        new StreamQuota(config.limits().http2().streamsPerPeer()),
                        new BufferPressure(
                                transport::bufferBytes, config.limits().overload().bufferBytes()),
                        traffic,
                        new TracedHead(tracer));
        this.log = new HandshakeLog(metrics);
        this.clock = clock;
        this.random = random;
        config.redirect().ifPresent(mode -> ownPorts.addAll(mode.config().otherPorts()));
    }

    /**
     * Opens every listener, or none.
     *
     * @throws IOException when one cannot be bound
     */
    public synchronized void start() throws IOException {
        try {
            for (InboundListener listener : config.inbound()) {
                bind(
                        listener.name(),
                        listener.listen(),
                        new InboundAcceptor(shared, listener.route(), authorizer, providers, log));
            }
            for (OutboundListener listener : config.outbound()) {
                OutboundRoute route = new FixedOutbound(shared, listener, log);
                outbound.add(route);
                bind(listener.name(), listener.listen(), new OutboundAcceptor(shared, route, log));
            }
            if (config.redirect().isPresent()) {
                startRedirected(config.redirect().get());
            }
        } catch (IOException e) {
            stopListening();
            throw e;
        }
        tls.onGeneration(generation -> outbound.forEach(OutboundRoute::retireOld));
        policies.onChange(this::recheck);
        LOG.atInfo()
                .addKeyValue("inbound", config.inbound().size())
                .addKeyValue("outbound", config.outbound().size())
                .addKeyValue("transport", transport.name())
                .addKeyValue("loops", config.eventLoops())
                .log("proxy listens");
    }

    private void startRedirected(RedirectMode mode) throws IOException {
        Redirected redirected = new Redirected(mode.destinations(), this::isOwnPort);
        InboundRoute in =
                new RedirectedInbound("redirected-inbound", redirected, mode.config(), mode.own());
        InboundAcceptor inbound = new InboundAcceptor(shared, in, authorizer, providers, log);
        bindEach(in.name(), mode.config().inbound(), inbound);
        OutboundRoute out =
                new RedirectedOutbound(
                        "redirected-outbound", shared, redirected, mode, log, clock, random);
        outbound.add(out);
        bindEach(out.name(), mode.config().outbound(), new OutboundAcceptor(shared, out, log));
    }

    /** One after the other, so that one port serves both address families. */
    private void bindEach(String name, List<InetSocketAddress> addresses, ChannelHandler handler)
            throws IOException {
        for (int i = 0; i < addresses.size(); i++) {
            bind(i == 0 ? name : name + "-" + (i + 1), addresses.get(i), handler);
        }
    }

    private boolean isOwnPort(int port) {
        return ownPorts.contains(port);
    }

    /** Where each listener, by name, is bound: the port that was taken for 0. */
    public synchronized Map<String, SocketAddress> addresses() {
        Map<String, SocketAddress> addresses = new LinkedHashMap<>();
        listeners.forEach((name, channel) ->
                addresses.put(name, Transport.plainAddress(channel.localAddress())));
        return addresses;
    }

    /** The mTLS connections that are open, both directions. */
    public List<OpenConnection.State> connections() {
        return table.states();
    }

    /** Figures by name, for a person who looks. */
    public Map<String, Object> stats() {
        Map<String, Object> stats = new LinkedHashMap<>();
        stats.put("openConnections", table.size());
        stats.put("acceptedSockets", table.accepted());
        stats.put("buffersInUse", transport.buffersInUse());
        stats.put("bufferBytesHeld", transport.bufferBytes());
        stats.put(
                "heapBytes",
                Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        stats.put("transport", transport.name());
        return stats;
    }

    /** Sockets accepted and not closed, handshakes included. */
    public int accepted() {
        return table.accepted();
    }

    /** Decides every open connection again; also called on every change of the policy source. */
    public void recheck() {
        table.recheck(connection -> {
            SslHandler handler = connection.channel().pipeline().get(SslHandler.class);
            return handler == null
                    || connection.peer().map(peer -> tls.stillBelieved(handler, peer)).orElse(true);
        });
    }

    /** Closes what is open with peers that these entries name; new handshakes ask the deny list. */
    public void deny(List<DenyEntry> entries) {
        table.deny(entries);
    }

    /** Acts on the connections whose peer's certificate ends; to be called every second or so. */
    public void expirePeers() {
        table.expire(
                new PeerExpiry(onPeerExpiry.get(), config.limits().timeout(Timeout.EXPIRY_GRACE)),
                new Drain(config.limits().timeout(Timeout.QUIET)));
    }

    /**
     * Accepts nothing more, lets requests finish and closes what is idle, then whatever is left at
     * the deadline.
     *
     * @return whether everything had ended by itself
     */
    public boolean drain(Duration deadline) {
        stopListening();
        table.tell(new Drain(config.limits().timeout(Timeout.QUIET)));
        long end = System.nanoTime() + deadline.toNanos();
        while (table.accepted() > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(DRAIN_POLL.toNanos());
        }
        boolean ended = table.accepted() == 0;
        LOG.atInfo().addKeyValue("left", table.accepted()).log("proxy drained");
        table.closeAll();
        return ended;
    }

    /** After {@link #close}: anything above 0 has leaked. */
    long buffersInUse() {
        return transport.buffersInUse();
    }

    @Override
    public void close() {
        stopListening();
        outbound.forEach(OutboundRoute::close);
        table.closeAll();
        transport.close();
        tls.close();
    }

    private void bind(String name, SocketAddress address, ChannelHandler handler)
            throws IOException {
        if (listeners.containsKey(name)) {
            throw new IOException("listener: " + name + " twice (expected: names of their own)");
        }
        Channel channel = transport.bind(address, handler);
        listeners.put(name, channel);
        if (channel.localAddress() instanceof InetSocketAddress inet) {
            ownPorts.add(inet.getPort());
        }
    }

    private synchronized void stopListening() {
        listeners.values().forEach(channel -> channel.close().awaitUninterruptibly());
    }
}
