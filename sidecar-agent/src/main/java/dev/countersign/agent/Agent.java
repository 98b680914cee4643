package dev.countersign.agent;

import dev.countersign.agent.admin.AdminPages;
import dev.countersign.agent.admin.ControlSocket;
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
import dev.countersign.agent.probe.ProbeServer;
import dev.countersign.agent.probe.ProbeSettings;
import dev.countersign.agent.provider.ExternalAuthorization;
import dev.countersign.agent.proxy.ProxyConfig;
import dev.countersign.agent.proxy.ProxyServer;
import dev.countersign.agent.proxy.RedirectConfig;
import dev.countersign.agent.proxy.RedirectMode;
import dev.countersign.agent.proxy.redirect.KernelDestinations;
import dev.countersign.agent.proxy.redirect.LocalAddresses;
import dev.countersign.agent.proxy.tls.BundleRehearsal;
import dev.countersign.agent.proxy.traffic.AccessLog;
import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.agent.proxy.traffic.Traffic;
import dev.countersign.agent.proxy.traffic.TrafficExport;
import dev.countersign.agent.proxy.traffic.TrafficMetrics;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.scrape.ApplicationMetrics;
import dev.countersign.agent.scrape.MergedMetrics;
import dev.countersign.agent.state.StateDirectory;
import dev.countersign.agent.subscription.ControlPlaneSubscription;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.agent.subscription.Feed;
import dev.countersign.agent.subscription.KeyWishes;
import dev.countersign.agent.subscription.LastKnownGood;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidRotator;
import dev.countersign.agent.tracing.OtlpExporter;
import dev.countersign.agent.tracing.SpanQueue;
import dev.countersign.agent.tracing.Tracer;
import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.Closer;
import dev.countersign.runtime.Health;
import dev.countersign.runtime.OpsServer;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.FederatedBundles;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
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
    private final Tap tap = new Tap();
    private final SvidRotator rotator;
    private final Feed feed;
    private final ControlPlaneSubscription subscription;
    private final DecisionLog decisions;
    private final ProxyServer proxy;
    private final OpsServer ops;
    private final AgentHealth agentHealth;
    private final OpsServer admin;
    private final AgentCommands commands;

    private Agent(AgentConfig.Loaded loaded, InstantSource clock, Runnable quit, Closer closer)
            throws IOException, TrustRefused {
        AgentConfig config = loaded.config();
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
        FederatedBundles believed = new FederatedBundles(bundles);
        SvidVerifier verifier = new SvidVerifier(believed, clock);
        RootCounter roots = new RootCounter(clock);
        AtomicReference<DenyList> told = new AtomicReference<>(DenyList.EMPTY);
        DenyList denied = peer -> Objects.requireNonNull(told.get()).denies(peer);

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
        this.feed = new Feed(bundles, this::self, kept, clock);
        told.set(feed);
        feed.recoverBy(ca::recover);
        feed.federate(believed);
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
        Traffic traffic = traffic(meters, random);
        this.proxy =
                closer.register(
                        new ProxyServer(
                                new ProxyConfig(
                                        config.inbound(),
                                        config.outbound(),
                                        config.limits(),
                                        config.identity(),
                                        config.eventLoops(),
                                        config.redirect().map(this::redirected)),
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
                                traffic,
                                config.operations()
                                        .tracing()
                                        .map(tracing ->
                                                new Tracer(
                                                        tracing.sample(),
                                                        () ->
                                                                ThreadLocalRandom.current()
                                                                        .nextLong())),
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
        this.ops = closer.register(new OpsServer(config.ops(), health, metricsPage(meters)));
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
        ops.probe("/healthz/started", () -> rotator.status().rotations() > 0);
        this.admin = admin(loaded, bundles, meters);
        this.commands = new AgentCommands(tap, this::drain, quit);
        restore(bundles, kept);
    }

    /**
     * Starts everything, or leaves nothing behind.
     *
     * @param processStart for the time to the first certificate
     * @param quit has the process end; returns at once
     * @throws IOException when a file cannot be read or a listener cannot be bound
     * @throws TrustRefused when the bootstrap file is not one
     */
    public static Agent start(
            AgentConfig.Loaded config, InstantSource clock, Instant processStart, Runnable quit)
            throws IOException, TrustRefused {
        Closer closer = new Closer();
        try {
            Agent agent = new Agent(config, clock, quit, closer);
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

    /** Where the pages for admins are. */
    public int adminPort() {
        return admin.port();
    }

    /** Where each listener is bound, by name. */
    public Map<String, SocketAddress> listeners() {
        return proxy.addresses();
    }

    /**
     * Not ready; after a while no new connections; what is left has until the configured deadline to
     * end by itself. Blocks until then.
     */
    public void drain() {
        health.down("drain", "shutting down");
        LOG.atInfo()
                .addKeyValue("settle", config.operations().settle())
                .addKeyValue("deadline", config.drain())
                .log("draining");
        LockSupport.parkNanos(config.operations().settle().toNanos());
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
        if (admin != ops) {
            admin.start();
        }
        if (config.operations().control().isPresent()) {
            closer.register(ControlSocket.open(config.operations().control().get(), commands));
        }
        if (config.operations().probes().isPresent()) {
            closer.register(ProbeServer.start(config.operations().probes().get()));
        }
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

    /** Beside health and metrics, or on a port of its own. */
    private OpsServer admin(
            AgentConfig.Loaded loaded, BundleKeeper bundles, PrometheusMeterRegistry meters)
            throws IOException {
        OpsServer server =
                config.operations().admin().equals(config.ops())
                        ? ops
                        : closer.register(
                                new OpsServer(config.operations().admin(), health, meters));
        new AdminPages(
                        new AdminPages.Sources(
                                loaded.rendered(),
                                rotator::current,
                                bundles::current,
                                proxy::connections,
                                feed::current,
                                this::stats,
                                clock))
                .addTo(server);
        return server;
    }

    /** For Prometheus, which has no certificate to ask the application itself with. */
    private Supplier<String> metricsPage(PrometheusMeterRegistry meters) {
        return config.operations()
                .application()
                .<Supplier<String>>map(page ->
                        new MergedMetrics(
                                meters::scrape,
                                closer.register(new ApplicationMetrics(page)),
                                meters))
                .orElse(meters::scrape);
    }

    private Map<String, Object> stats() {
        DecisionLog.Counts counts = decisions.counts();
        Map<String, Object> stats = proxy.stats();
        stats.put("allowed", counts.allowed());
        stats.put("denied", counts.denied());
        stats.put("tapReaders", tap.readers());
        stats.put("rotations", rotator.status().rotations());
        return stats;
    }

    private Traffic traffic(PrometheusMeterRegistry meters, SecureRandom random)
            throws IOException {
        TrafficMetrics counted = new TrafficMetrics(config.operations().metricsPeers());
        meters.getPrometheusRegistry()
                .register(
                        new TrafficExport(
                                counted, () -> self().map(SpiffeId::toString).orElse("unknown")));
        Optional<AccessLog> accessLog = Optional.empty();
        if (config.operations().accessLog().isPresent()) {
            AccessLog log =
                    closer.register(AccessLog.open(config.operations().accessLog().get(), random));
            AgentMetrics.register(meters, log);
            accessLog = Optional.of(log);
        }
        return new Traffic(counted, accessLog, tap, spans(meters, random), clock);
    }

    private Optional<SpanQueue> spans(PrometheusMeterRegistry meters, SecureRandom random) {
        return config.operations()
                .tracing()
                .map(tracing -> {
                    SpanQueue queue = new SpanQueue(tracing.queue());
                    OtlpExporter exporter =
                            closer.register(
                                    OtlpExporter.start(
                                            tracing, queue, this::self, Version.text(), random));
                    AgentMetrics.register(meters, queue, exporter);
                    return queue;
                });
    }

    private Optional<SpiffeId> self() {
        return rotator.current().map(held -> held.svid().id());
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

    private RedirectMode redirected(RedirectConfig redirect) {
        RedirectConfig complete = redirect.withOtherPort(config.ops().getPort());
        Optional<ProbeSettings> probes = config.operations().probes();
        return new RedirectMode(
                probes.isEmpty()
                        ? complete
                        : complete.withOtherPort(probes.get().listen().getPort()),
                feed,
                new KernelDestinations(),
                new LocalAddresses()::contains);
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
