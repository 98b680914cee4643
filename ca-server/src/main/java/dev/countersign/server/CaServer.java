package dev.countersign.server;

import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.AtomicFiles;
import dev.countersign.runtime.Closer;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.runtime.Health;
import dev.countersign.runtime.Logging;
import dev.countersign.runtime.OpsServer;
import dev.countersign.runtime.Termination;
import dev.countersign.server.admission.injection.InjectionSettings;
import dev.countersign.server.attestation.AttestedWorkload;
import dev.countersign.server.attestation.Attestors;
import dev.countersign.server.attestation.Pod;
import dev.countersign.server.attestation.serviceaccount.JwksSource;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.IssuerRequests;
import dev.countersign.server.authority.RootDestruction;
import dev.countersign.server.authority.RootImport;
import dev.countersign.server.authority.RootRotation;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.approval.ApprovalRules;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.rotation.Rotation;
import dev.countersign.server.authority.upstream.UpstreamIntermediates;
import dev.countersign.server.bundleendpoint.BundleEndpoint;
import dev.countersign.server.bundleendpoint.CertificateFiles;
import dev.countersign.server.bundleendpoint.EndpointCertificate;
import dev.countersign.server.bundleendpoint.OutsidersPages;
import dev.countersign.server.bundleendpoint.RevocationList;
import dev.countersign.server.distribution.AllowKeeper;
import dev.countersign.server.distribution.AttestedSubscribers;
import dev.countersign.server.distribution.ExternalVerifiers;
import dev.countersign.server.distribution.LiveSettings;
import dev.countersign.server.distribution.PolicyDirectory;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.RenewalPacer;
import dev.countersign.server.distribution.ServiceDirectory;
import dev.countersign.server.distribution.SnapshotMaker;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.server.distribution.SubscriptionHub;
import dev.countersign.server.distribution.VerifierRegistry;
import dev.countersign.server.federation.FederatedTrust;
import dev.countersign.server.issuance.IssuanceGate;
import dev.countersign.server.issuance.IssuancePipeline;
import dev.countersign.server.issuance.IssuanceRules;
import dev.countersign.server.issuance.OperatorIssuance;
import dev.countersign.server.issuance.RefusalRecorder;
import dev.countersign.server.issuance.ReservedNameIssuer;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.admin.RbacAccess;
import dev.countersign.server.kubernetes.pods.PodIndex;
import dev.countersign.server.kubernetes.services.ServiceSource;
import dev.countersign.server.limits.AdmissionControl;
import dev.countersign.server.limits.AuditBudget;
import dev.countersign.server.limits.CallerCaps;
import dev.countersign.server.limits.IssuanceBudgets;
import dev.countersign.server.limits.RefusalCounter;
import dev.countersign.server.limits.TokenKeys;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.revocation.Revocations;
import dev.countersign.server.rpc.AdminAccess;
import dev.countersign.server.rpc.AdminQuestions;
import dev.countersign.server.rpc.AdminSocket;
import dev.countersign.server.rpc.BearerCallers;
import dev.countersign.server.rpc.EndpointLimits;
import dev.countersign.server.rpc.ExternalVerifierCalls;
import dev.countersign.server.rpc.FederationCalls;
import dev.countersign.server.rpc.GrpcEndpoint;
import dev.countersign.server.rpc.GrpcServices;
import dev.countersign.server.rpc.ImportDesk;
import dev.countersign.server.rpc.RotationDesk;
import dev.countersign.server.servingcert.ServingCertificate;
import dev.countersign.server.store.Store;
import dev.countersign.server.tokenkeys.FetchedKeys;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CsrParser;
import dev.countersign.server.x509.KeyKind;
import dev.countersign.trust.NativeCrypto;
import dev.countersign.trust.SvidVerifier;
import io.grpc.BindableService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wiring: what a server is made of, in the order in which it is made. Whatever is made is
 * registered with the closer at once, so a start that fails half-way leaves nothing behind.
 */
public final class CaServer implements AutoCloseable {
    static final String VERSION = "0.1.0";

    private static final Logger log = LoggerFactory.getLogger(CaServer.class);

    private final ServerConfig config;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Instant started;
    private final Closer closer = new Closer();
    private final Health health = new Health();
    private final PrometheusMeterRegistry metrics =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ExecutorService background;
    private final CallerCaps caps;
    private final OpsServer ops;
    private final Optional<KubernetesConnection> kubernetes;
    private final Optional<ClusterDuties> duties;
    private final Store store;
    private final AuditTrail audit;
    private final Optional<ApprovalDesk> approvals;
    private final KeyVault vault;
    private final Optional<UpstreamIntermediates> upstream;
    private final AuthorityRing authority;
    private final SigningEnd signingEnd;
    private final Callers callers;
    private final RefusalRecorder refusals;
    private final Revocations revocations;
    private final AtomicBoolean revocationsUntold = new AtomicBoolean();
    private final ServingCertificate serving;
    private final PolicyFeed policies;
    private final LiveSettings settings;
    private final SubscriptionHub hub;
    private final Optional<ClusterPolicies> clusterPolicies;
    private final FetchedKeys tokenKeys;
    private final FederatedTrust federation;
    private final ServiceDirectory directory;
    private final Optional<DirectoryFile> directoryFile;
    private final VerifierRegistry verifiers;
    private final ExternalVerifiers externals;
    private final RootRotation rotation;
    private final RenewalPacer renewals;
    private final GrpcEndpoint endpoint;
    private final Optional<BundleEndpoint> bundleEndpoint;
    private final Optional<AdmissionStart> admission;

    /** Starts a server; it listens when this returns. */
    public static CaServer start(ServerConfig config, InstantSource clock, SecureRandom random)
            throws Exception {
        return new CaServer(config, clock, random);
    }

    private CaServer(ServerConfig config, InstantSource clock, SecureRandom random)
            throws Exception {
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.started = clock.instant();
        this.caps = new CallerCaps(config.limits().caps(), System::nanoTime);
        try {
            // Health first: a server that is still starting says so.
            health.down("server", "starting");
            background = closer.register(Executors.newVirtualThreadPerTaskExecutor());
            ops = closer.register(new OpsServer(config.ops(), health, metrics));
            ops.start();
            NativeCrypto.signatureProvider();
            kubernetes = Catalog.cluster(config, health, random, closer);

            duties = kubernetes.map(this::duties);

            // Records, keys, authority.
            AtomicFiles.createPrivateDirectory(config.dataDirectory());
            store = closer.register(Store.open(config.store(), clock, randomName()));
            audit = store.auditTrail();
            approvals = config.approvals().map(this::approvalDesk);
            CertificateAssembler assembler = new CertificateAssembler();
            vault = Catalog.keyVault(config, kubernetes, random, closer);
            upstream = upstream();
            authority = authority(assembler);
            warnOfIdleUpstream();
            signingEnd = new SigningEnd(authority, config.authority().reminder(), health, clock);
            SvidVerifier verifier = new SvidVerifier(authority, clock);
            revocations =
                    new Revocations(
                            store.revocations(), audit, Revocations.MAX_ENTRIES, clock, random);

            // The Issue path.
            callers = callers();
            RefusalCounter strangers = new RefusalCounter(audit::offer);
            refusals = new RefusalRecorder(strangers, audit, metrics, clock);
            CsrParser csrParser = new CsrParser(EnumSet.allOf(KeyKind.class));
            IssuanceRules rules =
                    new IssuanceRules(
                            config.trustDomain(),
                            config.profiles(),
                            store.ledger(),
                            authority::isAuthorityKey);
            IssuancePipeline pipeline =
                    new IssuancePipeline(
                            new IssuancePipeline.Parts(
                                    gate(),
                                    attestors(),
                                    csrParser,
                                    rules,
                                    revocations,
                                    authority,
                                    this::labels,
                                    this::serviceNames,
                                    assembler,
                                    linter(),
                                    audit,
                                    verifier,
                                    refusals,
                                    config.profiles(),
                                    config.attestationRules().maxWithoutToken()),
                            clock,
                            random);
            serving = serving(assembler, verifier);

            // What agents must know.
            policies = new PolicyFeed(config.agents().mesh(), clock);
            settings = new LiveSettings(config.agents(), policies);
            hub = new SubscriptionHub(background, clock);
            tokenKeys = tokenKeys();
            policies.onChange(() -> tokenKeys.need(policies.state().requests().keyAddresses()));
            clusterPolicies =
                    config.policyDirectory().isPresent()
                            ? Optional.empty()
                            : kubernetes.map(this::clusterPolicies);
            watchPolicies();
            tokenKeys.onChange(policies::touch);
            federation =
                    new FederatedTrust(
                            config.federation(),
                            config.dataDirectory().resolve("federation"),
                            clock,
                            background);
            federation.onChange(policies::touch);
            directory = new ServiceDirectory(config.directory());
            directory.onChange(policies::touch);
            directoryFile = config.directoryFile().map(file -> new DirectoryFile(file, directory));
            policies.onChange(hub::changed);
            callers.cluster()
                    .ifPresent(pods -> watchServices(kubernetes.orElseThrow(), pods.index()));

            // What changes whom they believe. The server's own certificate comes before the bundle.
            verifiers =
                    new VerifierRegistry(
                            hub, store.verifiers(), authority, config.profiles().longest(), clock);
            externals =
                    new ExternalVerifiers(
                            store.externalVerifiers(),
                            authority,
                            audit,
                            config.trustDomain(),
                            clock,
                            random);
            rotation =
                    new RootRotation(
                            authority,
                            new RootRotation.Parts(
                                    verifiers.and(externals),
                                    store.replicas(),
                                    duties.map(held -> held.leadership(store.leadership()))
                                            .orElseGet(store::leadership),
                                    approvals
                                            .<Approvals>map(desk -> desk)
                                            .orElseGet(Approvals::notConfigured)),
                            clock,
                            random);
            renewals = new RenewalPacer(hub);
            authority.onChange(() -> serving.maintain(clock.instant()));
            authority.onChange(this::bundleChanged);
            revocations.onChange(this::revocationsChanged);
            store.replicas().confirm(authority.epoch());

            // The doors.
            OperatorIssuance operators =
                    new OperatorIssuance(
                            config.operators(),
                            csrParser,
                            rules,
                            revocations,
                            operatorIssuer(assembler, verifier),
                            audit,
                            clock);
            BindableService admin =
                    GrpcServices.admin(config.trustDomain(), questions(), operators, revocations);
            AdminAccess access =
                    new AdminAccess(audit, new AuditBudget(System::nanoTime), strangers, clock);
            endpoint =
                    closer.register(
                            new GrpcEndpoint(
                                    config.listen(),
                                    EndpointLimits.standard(config.limits().handshake()),
                                    caps,
                                    verifier,
                                    clock,
                                    serving.current().chain(),
                                    serving.current().key(),
                                    config.ioThreads(),
                                    List.of(
                                            GrpcServices.issuance(pipeline, authority, clock),
                                            subscriptions(),
                                            admin),
                                    List.of(
                                            access.network(
                                                    config.operators(),
                                                    revocations::denies,
                                                    kubernetes.map(this::bearers)))));
            serving.onChange(() -> useCertificate(endpoint));
            closer.register(new AdminSocket(config.adminSocket(), admin, access.local())).start();
            endpoint.start();

            bundleEndpoint = bundleEndpoint();
            admission = admission(assembler, verifier);
            BootstrapWriter.write(config.bootstrapFile(), authority.bundle());
            upkeep();
            kubernetes.ifPresent(this::clusterUpkeep);
            record(AuditEvent.Type.SERVER_STARTED);
            if (config.localIssuer()) {
                health.degraded("local-issuer", "enabled: for development only");
            }
            health.up("server");
        } catch (Exception | Error failed) {
            closer.close();
            throw failed;
        }
    }

    /** {@code countersign server run}: from configuration to SIGTERM. */
    static int run(Path file) throws Exception {
        ConfigReader reader = ConfigReader.load(file, System.getenv());
        ServerConfig config = ServerConfigReader.read(reader);
        Logging.configure(config.log().format(), config.log().level());
        CaServer server = start(config, InstantSource.system(), new SecureRandom());
        Termination termination = Termination.watch();
        log.atInfo()
                .addKeyValue("trustDomain", config.trustDomain())
                .addKeyValue("port", server.port())
                .addKeyValue("ops", server.opsPort())
                .addKeyValue("store", server.store.describe())
                .addKeyValue("localIssuer", config.localIssuer())
                .log("serving");
        termination.await();
        server.drain();
        server.close();
        return 0;
    }

    /** {@code countersign config check}: what is in force. */
    static String check(Path file) throws ConfigRefused {
        ConfigReader reader = ConfigReader.load(file, System.getenv());
        ServerConfigReader.read(reader);
        return reader.render();
    }

    /** {@code countersign inject --config}: as for a current API server. */
    static Optional<InjectionSettings> injection(Path file) throws ConfigRefused {
        return ServerConfigReader.read(ConfigReader.load(file, System.getenv()))
                .injection()
                .map(injection -> injection.settings(true));
    }

    /** The workload port that was bound. */
    public int port() {
        return endpoint.port();
    }

    /** The health and metrics port that was bound. */
    public int opsPort() {
        return ops.port();
    }

    /** The bundle endpoint's port; empty when there is none. */
    public Optional<Integer> bundleEndpointPort() {
        return bundleEndpoint.map(BundleEndpoint::port);
    }

    /** The webhooks' port; empty when there are none. */
    public Optional<Integer> admissionPort() {
        return admission.map(AdmissionStart::port);
    }

    /** Not ready, streams move on, calls finish. */
    public void drain() {
        health.down("server", "draining");
        hub.drain();
        try {
            endpoint.drain(config.drain());
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        refusals.close();
        stopsToIssue();
        audit.offer(event(AuditEvent.Type.SERVER_STOPPED));
    }

    @Override
    public void close() {
        closer.close();
    }

    private ClusterDuties duties(KubernetesConnection cluster) {
        return new ClusterDuties(
                config.kubernetes().orElseThrow(), cluster, closer, randomName(), clock);
    }

    private BearerCallers bearers(KubernetesConnection cluster) {
        return new BearerCallers(new RbacAccess(cluster), caps);
    }

    private ApprovalDesk approvalDesk(ApprovalRules rules) {
        return new ApprovalDesk(
                rules, config.trustDomain(), store.approvals(), audit, clock, random);
    }

    /** Others need not wait for this one. */
    private void stopsToIssue() {
        try {
            store.replicas().stopped();
        } catch (RecordsUnavailable unavailable) {
            log.atWarn()
                    .addKeyValue("reason", unavailable.getMessage())
                    .log("others will wait for this server's lease to end");
        }
    }

    private void warnOfIdleUpstream() {
        if (upstream.isPresent() && !authority.signsUpstream()) {
            log.atWarn()
                    .addKeyValue("root", authority.rotation().signing().keyId())
                    .log("authority.upstream does not sign: the root on record does");
        }
    }

    private Optional<UpstreamIntermediates> upstream() throws Exception {
        return config.authority().upstream().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        UpstreamStart.open(
                                config.authority().upstream().get(),
                                RootCommands.settings(config),
                                health,
                                clock,
                                random));
    }

    private AuthorityRing authority(CertificateAssembler assembler) throws Exception {
        return AuthorityRing.open(
                new AuthorityRing.Parts(
                        RootCommands.settings(config),
                        vault,
                        new MemoryKeyVault(random),
                        store.authorityJournal(),
                        store.issuedLeaves(),
                        audit,
                        assembler,
                        upstream),
                clock,
                random);
    }

    private ServingCertificate serving(CertificateAssembler assembler, SvidVerifier verifier)
            throws Exception {
        return FreshLease.get(
                () -> authority.maintain(clock.instant()),
                () ->
                        ServingCertificate.issue(
                                servingParts(assembler, verifier),
                                config.rotation().servingLife(),
                                clock,
                                random));
    }

    private ServingCertificate.Parts servingParts(
            CertificateAssembler assembler, SvidVerifier verifier) {
        return new ServingCertificate.Parts(
                config.trustDomain(), authority, assembler, audit, verifier);
    }

    private ReservedNameIssuer operatorIssuer(
            CertificateAssembler assembler, SvidVerifier verifier) {
        return new ReservedNameIssuer(
                new ReservedNameIssuer.Parts(authority, assembler, audit, verifier),
                LintProfile.Purpose.OPERATOR,
                OperatorIssuance.SHORTEST_LIFE,
                OperatorIssuance.LONGEST_LIFE,
                random);
    }

    private IssuanceGate gate() {
        AdmissionControl admission =
                new AdmissionControl(config.limits().concurrentIssues(), random);
        store.callers(admission::inFlight);
        return new IssuanceGate(
                admission,
                caps,
                new IssuanceBudgets(config.limits().budgets(), System::nanoTime),
                TokenKeys.withDefaults(),
                audit,
                clock);
    }

    private Callers callers() throws Exception {
        return Callers.open(
                new Callers.Parts(
                        config,
                        kubernetes,
                        store.lineages(),
                        background,
                        metrics,
                        health,
                        clock,
                        random),
                closer);
    }

    private Attestors attestors() {
        return new Attestors(
                config.trustDomain(),
                callers.attestor(),
                callers.pods(),
                store.lineages(),
                config.attestationRules(),
                clock,
                audit::offer);
    }

    /** The linter's bounds are those of all profiles together; each plan keeps its own. */
    private Linter linter() {
        return new Linter(
                LintProfile.of(
                        LintProfile.Purpose.WORKLOAD,
                        config.profiles().shortest(),
                        config.profiles().longest()));
    }

    private List<String> serviceNames(AttestedWorkload workload) {
        return callers.cluster()
                .map(pods -> pods.serviceNames(workload.podUid()))
                .orElse(List.of());
    }

    private Map<String, String> labels(AttestedWorkload workload) {
        return callers.pods()
                .find(workload.account(), workload.podName(), workload.podUid())
                .map(Pod::labels)
                .orElse(Map.of());
    }

    private BindableService subscriptions() {
        return GrpcServices.subscription(
                hub,
                new SnapshotMaker(
                        policies,
                        authority,
                        settings,
                        directory,
                        tokenKeys,
                        revocations::entries,
                        federation::bundles,
                        clock),
                new AttestedSubscribers(store.lineages(), callers.pods()),
                store.denials(),
                store.edges(),
                authority,
                revocations::denies,
                clock);
    }

    private AdminQuestions questions() {
        ServerFacts facts =
                new ServerFacts(config, started, health, store, authority, policies, hub);
        return new AdminQuestions(
                store.ledger(),
                store.auditLog(),
                store.auditVerifier(),
                store::certificatesKeptSince,
                store.denials(),
                store.edges(),
                hub,
                policies,
                approvals,
                new RotationDesk(
                        rotation,
                        authority,
                        new RootDestruction(
                                authority,
                                approvals
                                        .<Approvals>map(desk -> desk)
                                        .orElseGet(Approvals::notConfigured),
                                config.rotation().plan().skew(),
                                clock),
                        config.rotation().plan()),
                new ImportDesk(imports(), authority, clock),
                new ExternalVerifierCalls(externals, authority),
                new FederationCalls(federation),
                facts::status,
                facts::bootstrap,
                clock);
    }

    private RootImport imports() {
        return new RootImport(
                new RootImport.Parts(
                        RootCommands.settings(config),
                        config.authority().issuerLife(),
                        vault,
                        store.authorityJournal(),
                        audit,
                        IssuerRequests.logged(store.auditLog()),
                        approvals.<Approvals>map(desk -> desk).orElseGet(Approvals::notConfigured)),
                random);
    }

    private FetchedKeys tokenKeys() {
        ServerConfig.TokenKeyFetching fetching = config.tokenKeys();
        return new FetchedKeys(
                address -> IssuerKeyLoading.https(address, fetching), clock, background);
    }

    private Optional<BundleEndpoint> bundleEndpoint() throws Exception {
        if (config.bundleEndpoint().isEmpty()) {
            return Optional.empty();
        }
        ServerConfig.OutsidersEndpoint settings = config.bundleEndpoint().get();
        Supplier<EndpointCertificate.Shown> shown =
                switch (settings.certificate()) {
                    case ServerConfig.OutsidersEndpoint.OwnSvid own ->
                            () ->
                                    new EndpointCertificate.Shown(
                                            serving.current().chain(), serving.current().key());
                    case ServerConfig.OutsidersEndpoint.Files files ->
                            new CertificateFiles(files.certificate(), files.key());
                };
        RevocationList revoked =
                new RevocationList(
                        authority, revocations, store.revocations(), store.auditLog(), clock);
        return Optional.of(
                closer.register(
                        new BundleEndpoint(
                                settings.listen(),
                                EndpointCertificate.context(shown),
                                new OutsidersPages(
                                        authority, settings.refreshHint(), revoked, externals))));
    }

    private Optional<AdmissionStart> admission(
            CertificateAssembler assembler, SvidVerifier verifier) throws Exception {
        if (config.admission().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                closer.register(
                        AdmissionStart.start(
                                config.admission().get(),
                                new AdmissionStart.Parts(
                                        kubernetes.orElseThrow(),
                                        authority,
                                        servingParts(assembler, verifier),
                                        config.rotation().servingLife(),
                                        config.injection(),
                                        config.agents().mesh(),
                                        policies,
                                        store.edges(),
                                        health,
                                        metrics,
                                        clock),
                                random)));
    }

    private void watchPolicies() throws IOException {
        if (config.policyDirectory().isEmpty() && kubernetes.isPresent()) {
            clusterPolicies.ifPresent(ClusterPolicies::start);
            return;
        }
        if (config.policyDirectory().isEmpty()) {
            health.degraded("policies", "no source: agents get none, and deny by default");
            return;
        }
        closer.register(
                        new PolicyDirectory(
                                config.policyDirectory().get(), policies, allowKeeper()))
                .start();
    }

    private AllowKeeper allowKeeper() {
        return new AllowKeeper(
                store.allows(),
                config.agents().mesh(),
                () -> hub.views().stream().map(Subscriber.View::workload).toList(),
                config.allowOpen());
    }

    private ClusterPolicies clusterPolicies(KubernetesConnection cluster) {
        return new ClusterPolicies(
                new ClusterPolicies.Parts(
                        cluster,
                        policies,
                        allowKeeper(),
                        hub,
                        store.leadership(),
                        config.istioPolicies(),
                        clock),
                closer);
    }

    /** Agents get the new bundle with the next revision; the serving certificate may be due too. */
    private void bundleChanged() {
        policies.touch();
        try {
            BootstrapWriter.write(config.bootstrapFile(), authority.bundle());
        } catch (IOException unwritable) {
            log.atWarn()
                    .addKeyValue("cause", unwritable.toString())
                    .log("bootstrap file not written");
        }
    }

    /**
     * The server itself first: agents that hear of a denied intermediate must still believe it. Then
     * the agents; the streams of the denied end a little later, with {@code upkeep}.
     */
    private void revocationsChanged() {
        revocationsUntold.set(true);
        tellOfRevocations();
    }

    private void tellOfRevocations() {
        if (!revocationsUntold.get()) {
            return;
        }
        String active = authority.active().keyId();
        if (revocations.deniesIssuer(active)) {
            authority.retire(active, clock.instant());
        }
        serving.replaceIfDenied(revocations::denies, clock.instant());
        revocationsUntold.set(false);
        policies.touch();
    }

    private void useCertificate(GrpcEndpoint at) {
        ServingCertificate.Held held = serving.current();
        at.useCertificate(held.chain(), held.key());
    }

    private ClusterGovernance governance(KubernetesConnection cluster) {
        return new ClusterGovernance(
                new ClusterGovernance.Parts(
                        cluster,
                        config.trustDomain(),
                        settings,
                        revocations,
                        rotation,
                        config.rotation().plan(),
                        () -> approvals.map(ApprovalDesk::waiting).orElse(List.of()),
                        store.leadership(),
                        clock),
                closer);
    }

    /** Where neither configuration nor a file says what there is to dial. */
    private void watchServices(KubernetesConnection cluster, PodIndex pods) {
        pods.onChange(uid -> hub.relabel(uid, pods.byUid(uid).map(Pod::labels).orElse(Map.of())));
        if (!config.directory().isEmpty() || config.directoryFile().isPresent()) {
            return;
        }
        ServiceSource services =
                closer.register(
                        new ServiceSource(
                                cluster.client(),
                                directory,
                                uid ->
                                        pods.meshedAccount(uid)
                                                .map(account ->
                                                        SpiffeId.of(
                                                                config.trustDomain(), account))));
        pods.onChange(services::podChanged);
        services.start();
    }

    /** Apart from all other upkeep: the API server may be slow. */
    private void clusterUpkeep(KubernetesConnection cluster) {
        Upkeep upkeep = closer.register(new Upkeep());
        clusterPolicies.ifPresent(held -> upkeep.every(500, "policy-status", held::maintain));
        ClusterGovernance governance = governance(cluster);
        governance.start();
        upkeep.every(500, "governance", governance::maintain);
    }

    private void upkeep() {
        Upkeep upkeep = closer.register(new Upkeep());
        upkeep.every(1_000, "expired-streams", hub::endExpired);
        upkeep.every(1_000, "revocations", revocations::maintain);
        upkeep.every(1_000, "untold-revocations", this::tellOfRevocations);
        upkeep.every(1_000, "denied-streams", () -> hub.endDenied(revocations::denies));
        upkeep.every(1_000, "health", this::reviewHealth);
        upkeep.every(1_000, "token-keys", tokenKeys::maintain);
        upkeep.every(1_000, "federation", federation::maintain);
        directoryFile.ifPresent(file -> upkeep.every(1_000, "directory", file::look));
        duties.ifPresent(held -> {
            held.publish(authority);
            upkeep.every(1_000, "cluster-duties", () -> background.execute(held::maintain));
        });
        kubernetes.ifPresent(cluster ->
                upkeep.every(5_000, "kubernetes", () -> background.execute(cluster::review)));
        admission.ifPresent(webhooks -> {
            upkeep.every(2_000, "webhooks", () -> background.execute(webhooks::maintain));
            upkeep.every(30_000, "flowing", () -> background.execute(webhooks::look));
        });
        upkeep.every(2_000, "authority", () -> authority.maintain(clock.instant()));
        upstream.ifPresent(above ->
                upkeep.every(1_000, "upstream", () -> background.execute(above::maintain)));
        upkeep.every(2_000, "serving-certificate", () -> serving.maintain(clock.instant()));
        upkeep.every(1_000, "verifiers", verifiers::refresh);
        upkeep.every(1_000, "replica", () -> store.replicas().confirm(authority.epoch()));
        upkeep.every(500, "rotation", rotation::tick);
        upkeep.every(1_000, "renewals", () -> renewals.tick(authority.rotation(), clock.instant()));
        upkeep.every(10_000, "refusals", refusals::flush);
        metrics.gauge("countersign.agents.connected", hub, SubscriptionHub::size);
        metrics.gauge("countersign.store.waiting", store, s -> s.health().waiting());
        metrics.gauge("countersign.store.commits", store, s -> s.health().commits());
        metrics.gauge("countersign.bundle.epoch", authority, AuthorityRing::epoch);
        metrics.gauge("countersign.revocations", revocations, r -> r.standings().size());
        metrics.gauge("countersign.deny.entries", revocations, r -> r.entries().size());
        RotationMetrics.register(metrics, authority, rotation);
        metrics.gauge("countersign.authority.seconds.left", signingEnd, SigningEnd::secondsLeft);
        metrics.gauge("countersign.policy.revision", policies, p -> p.state().revision());
    }

    private void reviewHealth() {
        signingEnd.review();
        callers.cluster().ifPresent(pods -> pods.review(health));
        duties.ifPresent(held -> held.review(health));
        reviewFederation();
        directoryFile.ifPresent(file ->
                file.refusal()
                        .ifPresentOrElse(
                                refusal -> health.degraded("directory", refusal),
                                () -> health.up("directory")));
        upstream.ifPresent(this::reviewUpstream);
        store.health()
                .outage()
                .ifPresentOrElse(outage -> health.down("store", outage), () -> health.up("store"));
        JwksSource.Status keys = callers.keys().status();
        if (keys.usable()) {
            health.up("issuer-keys");
        } else {
            health.down("issuer-keys", keys.origin() + ": " + keys.failure().orElse("no keys"));
        }
        authority
                .rotation()
                .rotation()
                .flatMap(Rotation::stopped)
                .ifPresentOrElse(
                        why -> health.degraded("rotation", "stopped: " + why),
                        () -> health.up("rotation"));
        clusterPolicies.ifPresent(held -> held.review(health));
        if (config.policyDirectory().isPresent()) {
            policies.state()
                    .refusal()
                    .ifPresentOrElse(
                            refusal -> health.degraded("policies", refusal),
                            () -> health.up("policies"));
        }
    }

    private void reviewFederation() {
        List<String> problems =
                federation.status().stream().flatMap(domain -> domain.problem().stream()).toList();
        if (problems.isEmpty()) {
            health.up("federation");
        } else {
            health.degraded("federation", String.join("; ", problems));
        }
    }

    private void reviewUpstream(UpstreamIntermediates above) {
        above.problem()
                .ifPresentOrElse(
                        problem ->
                                health.degraded(
                                        "upstream",
                                        problem
                                                + "; this server issues until "
                                                + authority.issuesUntil()),
                        () -> health.up("upstream"));
    }

    private void record(AuditEvent.Type type) throws Exception {
        audit.append(event(type));
    }

    private AuditEvent event(AuditEvent.Type type) {
        return new AuditEvent(
                type,
                clock.instant(),
                dev.countersign.identity.WellKnownIds.caServer(config.trustDomain()).toString(),
                Map.of("version", VERSION, "store", store.describe()));
    }

    private String randomName() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
