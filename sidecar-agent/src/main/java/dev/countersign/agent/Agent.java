package dev.countersign.agent;

import dev.countersign.agent.authorization.DecisionLog;
import dev.countersign.agent.authorization.EndUserTokens;
import dev.countersign.agent.authorization.PolicyAuthorizer;
import dev.countersign.agent.ca.BootstrapToken;
import dev.countersign.agent.ca.CaChannels;
import dev.countersign.agent.ca.ClockOffset;
import dev.countersign.agent.ca.EventLoops;
import dev.countersign.agent.ca.GrpcCaClient;
import dev.countersign.agent.ca.ServiceChannels;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.proxy.ProxyConfig;
import dev.countersign.agent.proxy.ProxyLimits;
import dev.countersign.agent.proxy.ProxyServer;
import dev.countersign.agent.proxy.tls.BundleRehearsal;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.state.StateDirectory;
import dev.countersign.agent.subscription.ControlPlaneSubscription;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.agent.subscription.Feed;
import dev.countersign.agent.subscription.KeyWishes;
import dev.countersign.agent.subscription.LastKnownGood;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidRotator;
import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.runtime.Closer;
import dev.countersign.runtime.Health;
import dev.countersign.runtime.OpsServer;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BootstrapFile;
import dev.countersign.wire.BundleCodec;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent, wired by hand; reads as its table of contents and decides nothing. Data flows down the
 * page: what is believed, who we are, what we must know, what we decide, what we carry.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final int INSTANCE_BYTES = 8;

    private final AgentConfig config;
    private final InstantSource clock;
    private final Closer closer;
    private final Health health = new Health();
    private final ClockOffset offset = new ClockOffset();
    private final SvidRotator rotator;
    private final Feed feed;
    private final ControlPlaneSubscription subscription;
    private final DecisionLog decisions;
    private final ProxyServer proxy;
    private final OpsServer ops;
    private final AgentHealth agentHealth;

    private Agent(AgentConfig config, InstantSource clock, Closer closer)
            throws IOException, TrustRefused {
        this.config = config;
        this.clock = clock;
        this.closer = closer;
        SecureRandom random = new SecureRandom();
        String instance = instanceId(random);

        // What is believed: the bootstrap file, then the newest bundle that was kept.
        LastKnownGood kept = new LastKnownGood(stateDirectory());
        BundleKeeper bundles =
                new BundleKeeper(
                        BootstrapFile.parse(Files.readString(config.bootstrapFile())),
                        clock,
                        BundleCodec::decode);
        SvidVerifier verifier = new SvidVerifier(bundles, clock);
        RootCounter roots = new RootCounter(clock);
        AtomicReference<DenyList> told = new AtomicReference<>(DenyList.EMPTY);
        DenyList denied = peer -> told.get().denies(peer);

        // Who we are.
        EventLoops loops = closer.register(EventLoops.create());
        CaChannels channels = new CaChannels(config.ca(), verifier, denied, roots, loops);
        GrpcCaClient ca =
                new GrpcCaClient(
                        channels,
                        new BootstrapToken(config.tokenFile()),
                        bundles::offer,
                        offset,
                        clock);
        this.rotator =
                new SvidRotator(
                        ca, verifier, denied, bundles, kept, random, clock, System::nanoTime);
        bundles.tryFirst(new BundleRehearsal(rotator, clock));

        // What we must know.
        this.feed =
                new Feed(
                        bundles,
                        () -> rotator.current().map(held -> held.svid().id()),
                        kept,
                        clock);
        told.set(feed);
        DenialOutbox outbox = new DenialOutbox();
        EdgeTable edges = new EdgeTable(clock);
        KeyWishes keyWishes = new KeyWishes();

        // What we decide, and what we carry.
        this.decisions = new DecisionLog(outbox, edges, random, clock);
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ServiceChannels services =
                new ServiceChannels(
                        verifier,
                        denied,
                        roots,
                        loops,
                        () -> rotator.current().map(HeldSvid::asClient));
        feed.onChange(services::recheck);
        ExternalAuthorization external =
                closer.register(new ExternalAuthorization(services, meters));
        this.proxy =
                closer.register(
                        new ProxyServer(
                                new ProxyConfig(
                                        config.inbound(),
                                        config.outbound(),
                                        ProxyLimits.defaults(),
                                        config.peerHeader(),
                                        config.eventLoops()),
                                rotator,
                                verifier,
                                feed,
                                roots,
                                new PolicyAuthorizer(feed, feed, decisions, meters),
                                feed,
                                () ->
                                        feed.settings()
                                                .map(AgentSettings::onPeerCertificateExpiry)
                                                .orElse(OnPeerCertificateExpiry.KEEP),
                                external,
                                new EndUserTokens(feed, keyWishes, clock, meters),
                                edges,
                                meters,
                                clock,
                                random));

        // What we say of ourselves.
        Reports reports = new Reports(rotator, verifier, proxy, roots, offset);
        this.subscription =
                closer.register(
                        new ControlPlaneSubscription(
                                new ControlPlaneSubscription.Parts(
                                        channels,
                                        rotator,
                                        feed,
                                        outbox,
                                        edges,
                                        keyWishes,
                                        reports::report,
                                        offset,
                                        rotator::certificateDenied,
                                        Version.text(),
                                        instance),
                                clock,
                                random));
        this.agentHealth =
                new AgentHealth(
                        health,
                        rotator::status,
                        subscription::status,
                        () -> feed.current().isPresent(),
                        bundles::isExpired,
                        offset);
        AgentMetrics.register(
                meters, rotator::status, subscription::status, decisions, outbox, offset);
        this.ops = closer.register(new OpsServer(config.ops(), health, meters));
        StatusPage status =
                new StatusPage(
                        Version.text(),
                        instance,
                        rotator::status,
                        subscription::status,
                        decisions,
                        offset,
                        () -> proxy.connections().size(),
                        proxy::addresses);
        ops.handle("/status", "application/json", status::render);
        restore(bundles, kept);
    }

    /**
     * Starts everything, or leaves nothing behind.
     *
     * @param processStart for the time to the first certificate
     * @throws IOException when a file cannot be read or a listener cannot be bound
     * @throws TrustRefused when the bootstrap file is not one
     */
    public static Agent start(AgentConfig config, InstantSource clock, Instant processStart)
            throws IOException, TrustRefused {
        Closer closer = new Closer();
        try {
            Agent agent = new Agent(config, clock, closer);
            agent.open(processStart);
            return agent;
        } catch (IOException | TrustRefused | RuntimeException e) {
            closer.close();
            throw e;
        }
    }

    /** Where the health and status pages are. */
    public int opsPort() {
        return ops.port();
    }

    /** Where each listener is bound, by name. */
    public Map<String, SocketAddress> listeners() {
        return proxy.addresses();
    }

    /** Not ready, no new connections, then what is left has until the configured deadline. */
    public void drain() {
        health.down("drain", "shutting down");
        LOG.atInfo().addKeyValue("deadline", config.drain()).log("draining");
        proxy.drain(config.drain());
    }

    @Override
    public void close() {
        closer.close();
    }

    private void open(Instant processStart) throws IOException {
        AtomicBoolean first = new AtomicBoolean(true);
        rotator.onChange(held -> {
            if (first.getAndSet(false)) {
                LOG.atInfo()
                        .addKeyValue("identity", held.svid().id())
                        .addKeyValue(
                                "sinceProcessStart",
                                Duration.between(processStart, clock.instant()))
                        .log("first certificate");
            }
            agentHealth.update(clock.instant());
        });
        feed.onChange(() -> agentHealth.update(clock.instant()));
        feed.onChange(rotator::recheck);
        feed.onDenied(proxy::deny);
        proxy.start();
        agentHealth.update(clock.instant());
        ops.start();
        subscription.start();
        Thread thread = Thread.ofPlatform().name("svid").daemon().start(rotator::run);
        closer.register(thread::interrupt);
        ScheduledExecutorService ticks =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("ticks").daemon().factory());
        closer.register(ticks::shutdownNow);
        ScheduledFuture<?> ticking =
                ticks.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
        closer.register(() -> ticking.cancel(true));
    }

    private void tick() {
        try {
            decisions.tick();
            proxy.expirePeers();
            agentHealth.update(clock.instant());
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("fault in a periodic task");
        }
    }

    private Optional<StateDirectory> stateDirectory() throws IOException {
        if (config.stateDirectory().isEmpty()) {
            LOG.atInfo().log(
                    "no state directory: after a restart there is no identity until the CA"
                        + " answers");
            return Optional.empty();
        }
        return Optional.of(closer.register(StateDirectory.open(config.stateDirectory().get())));
    }

    private void restore(BundleKeeper bundles, LastKnownGood kept) {
        kept.bundle()
                .ifPresent(bundle -> {
                    try {
                        bundles.restore(bundle);
                    } catch (TrustRefused e) {
                        LOG.atWarn()
                                .addKeyValue("reason", e.getMessage())
                                .log("kept bundle not used");
                    }
                });
        rotator.restore();
        feed.restore();
    }

    private static String instanceId(SecureRandom random) {
        byte[] bytes = new byte[INSTANCE_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
