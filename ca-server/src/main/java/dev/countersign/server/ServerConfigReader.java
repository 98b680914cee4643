package dev.countersign.server;

import ch.qos.logback.classic.Level;
import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.match.IpBlock;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.runtime.Logging;
import dev.countersign.server.attestation.AttestationRules;
import dev.countersign.server.attestation.ConfiguredWorkloads;
import dev.countersign.server.attestation.serviceaccount.TokenSettings;
import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.distribution.ExportedService;
import dev.countersign.server.issuance.IssuanceProfile;
import dev.countersign.server.issuance.IssuanceProfiles;
import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.server.limits.CallerCaps;
import dev.countersign.server.limits.IssuanceBudgets;
import dev.countersign.server.limits.Rate;
import dev.countersign.server.operators.Operators;
import dev.countersign.server.operators.Role;
import dev.countersign.server.rpc.EndpointLimits;
import dev.countersign.server.servingcert.ServingCertificate;
import dev.countersign.server.store.StoreConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads a {@link ServerConfig}; every key, its default and its bounds stand here. */
public final class ServerConfigReader {
    private static final TrustDomain DEFAULT_TRUST_DOMAIN = new TrustDomain("example.org");
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Agents are ready while their clocks are off by less. */
    private static final Duration SHORTEST_ROTATION_TIME = Duration.ofMinutes(4);

    private static final Duration SHORTEST_SERVING = Duration.ofSeconds(10);

    private final ConfigReader reader;

    private ServerConfigReader(ConfigReader reader) {
        this.reader = reader;
    }

    /** Reads a file. */
    public static ServerConfig read(ConfigReader reader) throws ConfigRefused {
        ServerConfigReader parts = new ServerConfigReader(reader);
        ServerConfig config = parts.config();
        reader.finish();
        return config;
    }

    private ServerConfig config() {
        TrustDomain trustDomain = trustDomain();
        Path data = reader.path("dataDirectory").orDefault(Path.of("countersign-data"));
        boolean localIssuer = reader.bool("attestation.localIssuer").orDefault(false);
        ConfiguredWorkloads workloads = workloads();
        Optional<Path> directoryFile = reader.path("directoryFile").optional();
        Optional<KubernetesSettings> kubernetes = new KubernetesReader(reader).read();
        ServerConfig.Jwks jwks = jwks(kubernetes.isPresent());
        boolean cluster = jwks instanceof ServerConfig.Jwks.Cluster;
        if (cluster) {
            checkClusterAlone(localIssuer);
        }
        return new ServerConfig(
                trustDomain,
                address("listen", 8443),
                (int) (long) reader.integer("ioThreads", 1, 64).orDefault(2L),
                data,
                new KeysReader(reader).read(),
                new AuthorityReader(reader).read(),
                reader.path("admin.socket").orDefault(data.resolve("admin.sock")),
                operators(trustDomain),
                new ApprovalRulesReader(reader).read(),
                address("ops.listen", 9090),
                log(),
                store(data),
                tokens(cluster),
                jwks,
                kubernetes,
                new AdmissionReader(reader).read(),
                new InjectionReader(reader, trustDomain, audience()).read(),
                localIssuer,
                attestationRules(workloads, cluster),
                workloads,
                profiles(kubernetes.isPresent()),
                limits(),
                reader.path("policies.directory").optional(),
                reader.bool("policies.istio").orDefault(false),
                tokenKeys(),
                reader.bool("policies.allowOpen").orDefault(false),
                agents(trustDomain, kubernetes),
                directory(directoryFile),
                directoryFile,
                reader.path("bootstrap.file").optional(),
                bundleEndpoint(),
                new FederationReader(reader, trustDomain).read(),
                rotation(),
                reader.duration("drain", Duration.ZERO, Duration.ofMinutes(10))
                        .orDefault(Duration.ofSeconds(10)));
    }

    private List<ExportedService> directory(Optional<Path> file) {
        List<ExportedService> written = new DirectoryReader(reader).read();
        if (file.isEmpty()) {
            return written;
        }
        if (!written.isEmpty()) {
            reader.problem(
                    "directory", written.size() + " services", "none where directoryFile is set");
        }
        try {
            return DirectoryFile.read(file.get());
        } catch (ConfigRefused refused) {
            reader.problem(
                    "directoryFile",
                    String.valueOf(refused.getMessage()),
                    "directory: [...] alone");
            return List.of();
        }
    }

    private TrustDomain trustDomain() {
        return reader.value(
                        "trustDomain",
                        DEFAULT_TRUST_DOMAIN,
                        "a trust domain: a-z 0-9 . - _",
                        TrustDomain::parse)
                .orDefault(DEFAULT_TRUST_DOMAIN);
    }

    private Operators operators(TrustDomain trustDomain) {
        Map<String, Role> roles = new TreeMap<>();
        reader.map("admin.operators")
                .forEach((name, text) -> {
                    Optional<Role> role = Role.parse(text);
                    if (!Operators.isName(name)) {
                        reader.problem(
                                "admin.operators." + name, name, "a name: a-z 0-9 . - _, <= 63");
                    } else if (role.isEmpty()) {
                        reader.problem(
                                "admin.operators." + name,
                                text,
                                "viewer | policy-admin | security-admin");
                    } else {
                        roles.put(name, role.get());
                    }
                });
        return new Operators(trustDomain, roles);
    }

    private InetSocketAddress address(String key, int port) {
        InetSocketAddress given =
                reader.hostPort(key)
                        .orDefault(InetSocketAddress.createUnresolved("127.0.0.1", port));
        return new InetSocketAddress(given.getHostString(), given.getPort());
    }

    private Optional<ServerConfig.OutsidersEndpoint> bundleEndpoint() {
        Optional<InetSocketAddress> listen = reader.hostPort("bundleEndpoint.listen").optional();
        String profile =
                reader.string("bundleEndpoint.profile")
                        .check(
                                text -> text.equals("https_web") || text.equals("https_spiffe"),
                                "https_web | https_spiffe")
                        .orDefault("https_spiffe");
        Optional<Path> certificate = reader.path("bundleEndpoint.certificateFile").optional();
        Optional<Path> key = reader.path("bundleEndpoint.keyFile").optional();
        Duration hint =
                reader.duration(
                                "bundleEndpoint.refreshHint",
                                Duration.ofSeconds(10),
                                Duration.ofHours(24))
                        .orDefault(Duration.ofMinutes(5));
        boolean web = profile.equals("https_web");
        if (listen.isPresent() && (web != certificate.isPresent() || web != key.isPresent())) {
            reader.problem(
                    "bundleEndpoint.certificateFile",
                    web ? "missing, or keyFile is" : "given",
                    "both it and keyFile with https_web, neither with https_spiffe");
            return Optional.empty();
        }
        return listen.map(address ->
                new ServerConfig.OutsidersEndpoint(
                        new InetSocketAddress(address.getHostString(), address.getPort()),
                        web
                                ? new ServerConfig.OutsidersEndpoint.Files(
                                        certificate.orElseThrow(), key.orElseThrow())
                                : new ServerConfig.OutsidersEndpoint.OwnSvid(),
                        hint));
    }

    private ServerConfig.Log log() {
        return new ServerConfig.Log(
                reader.enumeration("log.format", Logging.Format.class)
                        .orDefault(Logging.Format.JSON),
                Level.toLevel(
                        reader.string("log.level")
                                .check(
                                        text -> Level.toLevel(text, null) != null,
                                        "trace | debug | info | warn | error")
                                .orDefault("info")));
    }

    private StoreConfig store(Path data) {
        Optional<String> url =
                reader.string("store.url")
                        .check(
                                text ->
                                        text.startsWith("jdbc:sqlite:")
                                                || text.startsWith("jdbc:postgresql:"),
                                "jdbc:sqlite:/path or jdbc:postgresql://host/database")
                        .optional();
        return StoreConfig.of(
                url.orElse("jdbc:sqlite:" + data.resolve("countersign.db").toAbsolutePath()),
                reader.string("store.user").optional(),
                reader.path("store.passwordFile").optional());
    }

    /** What agents' tokens are for, where one must be chosen. */
    private String audience() {
        List<String> audiences = reader.strings("attestation.audiences");
        return audiences.isEmpty() ? TokenSettings.DEFAULT_AUDIENCE : audiences.getFirst();
    }

    private ServerConfig.Tokens tokens(boolean cluster) {
        List<String> audiences = reader.strings("attestation.audiences");
        Optional<String> issuer =
                reader.string("attestation.issuer")
                        .check(text -> !text.isBlank(), "the iss of the tokens")
                        .optional();
        if (!cluster && !reader.has("attestation.issuer")) {
            reader.problem("attestation.issuer", "missing", "the iss of the tokens");
        }
        return new ServerConfig.Tokens(
                issuer,
                audiences.isEmpty()
                        ? Set.of(TokenSettings.DEFAULT_AUDIENCE)
                        : Set.copyOf(audiences),
                reader.duration("attestation.clockSkew", Duration.ZERO, Duration.ofSeconds(60))
                        .orDefault(TokenSettings.DEFAULT_CLOCK_SKEW),
                reader.duration(
                                "attestation.maxTokenLife",
                                Duration.ofMinutes(10),
                                Duration.ofDays(2))
                        .orDefault(TokenSettings.DEFAULT_MAX_TOKEN_LIFE));
    }

    private ServerConfig.Jwks jwks(boolean inCluster) {
        Optional<Path> file = reader.path("attestation.jwks.file").optional();
        Optional<String> url = reader.string("attestation.jwks.url").optional();
        List<String> allowed = reader.strings("attestation.jwks.allowedNetworks");
        Optional<Path> caFile = reader.path("attestation.jwks.caFile").optional();
        if (inCluster && file.isEmpty() && url.isEmpty()) {
            return new ServerConfig.Jwks.Cluster();
        }
        if (file.isPresent() == url.isPresent()) {
            reader.problem(
                    "attestation.jwks",
                    file.isPresent() ? "file and url" : "missing",
                    "either file or url, or a kubernetes section");
        }
        return url.<ServerConfig.Jwks>map(
                        address -> new ServerConfig.Jwks.Url(address, allowed, caFile))
                .orElseGet(() -> new ServerConfig.Jwks.File(file.orElse(Path.of(""))));
    }

    /** What the API server knows, nobody else says; and who mints tokens here is not believed there. */
    private void checkClusterAlone(boolean localIssuer) {
        if (localIssuer) {
            reader.problem(
                    "attestation.localIssuer", "true", "false: the cluster attests, by its tokens");
        }
        if (reader.has("workloads")) {
            reader.problem(
                    "workloads",
                    "given",
                    "none: the cluster's own pods are known by its API server");
        }
    }

    private AttestationRules attestationRules(ConfiguredWorkloads workloads, boolean cluster) {
        return new AttestationRules(
                reader.enumeration(
                                "attestation.callerAddress", AttestationRules.CallerAddress.class)
                        .orDefault(
                                cluster
                                        ? AttestationRules.CallerAddress.ENFORCE
                                        : AttestationRules.CallerAddress.OFF),
                reader.duration("renewal.maxWithoutToken", SECOND, Duration.ofDays(7))
                        .orDefault(AttestationRules.DEFAULT_MAX_WITHOUT_TOKEN),
                workloads.renewWithoutToken());
    }

    private ConfiguredWorkloads workloads() {
        List<ConfiguredWorkloads.Workload> list =
                reader.list(
                        "workloads",
                        entry ->
                                new ConfiguredWorkloads.Workload(
                                        account(entry),
                                        entry.string("pod").optional(),
                                        entry.map("labels"),
                                        addresses(entry),
                                        entry.bool("renewWithoutToken").orDefault(false)));
        try {
            return new ConfiguredWorkloads(
                    list, reader.bool("attestation.onlyConfiguredWorkloads").orDefault(false));
        } catch (IllegalArgumentException twice) {
            reader.problem("workloads", String.valueOf(twice.getMessage()), "each once");
            return ConfiguredWorkloads.none();
        }
    }

    private ServiceAccountName account(ConfigReader entry) {
        String namespace =
                entry.string("namespace")
                        .check(ServiceAccountName::isNamespace, "a Kubernetes namespace")
                        .required();
        String name =
                entry.string("serviceAccount")
                        .check(ServiceAccountName::isName, "a Kubernetes service account")
                        .required();
        return namespace.isEmpty() || name.isEmpty()
                ? new ServiceAccountName("missing", "missing")
                : new ServiceAccountName(namespace, name);
    }

    private Set<InetAddress> addresses(ConfigReader entry) {
        Set<InetAddress> addresses = new HashSet<>();
        for (String text : entry.strings("addresses")) {
            try {
                addresses.add(InetAddress.ofLiteral(text));
            } catch (IllegalArgumentException notAnAddress) {
                reader.problem("workloads.addresses", text, "an IP address");
            }
        }
        return addresses;
    }

    private IssuanceProfiles profiles(boolean inCluster) {
        boolean serviceNames = reader.bool("issuance.serviceNames").orDefault(false);
        boolean shortLives = reader.bool("unsafe.shortLives").orDefault(false);
        Duration shortest = shortLives ? SECOND : IssuanceProfile.SHORTEST_LIFE;
        Duration standard =
                reader.duration("issuance.life", shortest, IssuanceProfile.LONGEST_LIFE)
                        .orDefault(IssuanceProfile.DEFAULT_LIFE);
        Map<String, IssuanceProfile> exceptions = new TreeMap<>();
        reader.list(
                "issuance.namespaces",
                entry -> {
                    String namespace = entry.string("namespace").required();
                    Duration life =
                            entry.duration("life", shortest, IssuanceProfile.LONGEST_LIFE)
                                    .required();
                    IssuanceProfile profile =
                            IssuanceProfile.ofLife(life)
                                    .withServiceNames(
                                            entry.bool("serviceNames").orDefault(serviceNames));
                    if (exceptions.put(namespace, profile) != null) {
                        reader.problem(
                                "issuance.namespaces", namespace + " twice", "each namespace once");
                    }
                    return namespace;
                });
        IssuanceProfiles profiles =
                new IssuanceProfiles(
                        IssuanceProfile.ofLife(standard).withServiceNames(serviceNames),
                        exceptions);
        if (profiles.serviceNames() && !inCluster) {
            reader.problem("issuance.serviceNames", "true", "false without kubernetes");
        }
        return profiles;
    }

    private RotationSettings rotation() {
        boolean shortLives = reader.bool("unsafe.shortLives").orDefault(false);
        RotationSettings.Times standard = RotationSettings.Times.DEFAULT;
        Duration least = shortLives ? Duration.ZERO : SHORTEST_ROTATION_TIME;
        return RotationSettings.of(
                reader.duration("rotation.lease", SECOND, Duration.ofMinutes(1))
                        .orDefault(AuthoritySettings.LEASE),
                new RotationSettings.Times(
                        reader.duration("rotation.dwell", Duration.ZERO, Duration.ofDays(90))
                                .orDefault(standard.dwell()),
                        reader.duration("rotation.canaryWindow", SECOND, Duration.ofDays(90))
                                .orDefault(standard.canaryWindow()),
                        reader.duration("rotation.clockSkew", least, Duration.ofHours(1))
                                .orDefault(standard.skew()),
                        reader.duration(
                                        "rotation.minimumRootLife",
                                        Duration.ofHours(1),
                                        Duration.ofDays(3650))
                                .orDefault(standard.minimumRootLife())),
                (int)
                        (long)
                                reader.integer("rotation.renewalsPerSecond", 1, 10_000)
                                        .orDefault((long) RotationSettings.RENEWALS_PER_SECOND),
                reader.duration(
                                "rotation.serverCertificateLife",
                                shortLives ? SHORTEST_SERVING : IssuanceProfile.SHORTEST_LIFE,
                                IssuanceProfile.LONGEST_LIFE)
                        .orDefault(ServingCertificate.DEFAULT_LIFE));
    }

    private ServerConfig.Limits limits() {
        CallerCaps.Settings caps = CallerCaps.Settings.DEFAULT;
        IssuanceBudgets.Settings budgets = IssuanceBudgets.Settings.DEFAULT;
        return new ServerConfig.Limits(
                (int) (long) reader.integer("limits.concurrentIssues", 1, 10_000).orDefault(256L),
                reader.duration(
                                "limits.handshakeTimeout",
                                Duration.ofMillis(100),
                                Duration.ofMinutes(1))
                        .orDefault(EndpointLimits.HANDSHAKE_TIMEOUT),
                new CallerCaps.Settings(
                        rate("limits.perSource.handshakes", caps.sourceHandshakes()),
                        rate("limits.global.handshakes", caps.handshakes()),
                        rate("limits.perSource.tokenChecks", caps.sourceTokenChecks()),
                        rate("limits.global.tokenChecks", caps.tokenChecks()),
                        (int)
                                (long)
                                        reader.integer("limits.perSource.connections", 1, 1_000_000)
                                                .orDefault((long) caps.sourceConnections()),
                        (int)
                                (long)
                                        reader.integer("limits.global.connections", 1, 10_000_000)
                                                .orDefault((long) caps.connections()),
                        caps.maxSources()),
                new IssuanceBudgets.Settings(
                        rate("limits.perIdentity.certificates", budgets.identity()),
                        rate("limits.perNamespace.certificates", budgets.namespace()),
                        budgets.maxIdentities(),
                        budgets.maxNamespaces()));
    }

    private Rate rate(String key, Rate standard) {
        long perSecond =
                reader.integer(key + ".perSecond", 1, 1_000_000)
                        .orDefault((long) standard.perSecond());
        long burst =
                reader.integer(key + ".burst", 1, 1_000_000).orDefault((long) standard.burst());
        return Rate.of((double) perSecond, (int) burst);
    }

    /** Where Countersign is installed its own policies apply to the whole mesh. */
    private AgentSettings agents(TrustDomain trustDomain, Optional<KubernetesSettings> kubernetes) {
        MeshSettings standard =
                MeshSettings.countersign(
                        reader.string("policies.rootNamespace")
                                .check(ServiceAccountName::isNamespace, "a Kubernetes namespace")
                                .orDefault(
                                        kubernetes
                                                .flatMap(KubernetesSettings::namespace)
                                                .orElse(KubernetesSettings.DEFAULT_NAMESPACE)),
                        trustDomain.name());
        return new AgentSettings(
                new MeshSettings(
                        standard.rootNamespace(),
                        standard.istioRootNamespace(),
                        standard.trustDomain(),
                        List.copyOf(reader.strings("policies.trustDomainAliases")),
                        reader.enumeration("policies.compatibility", Compatibility.class)
                                .orDefault(standard.compatibility()),
                        reader.enumeration("policies.defaultAction", DefaultAction.class)
                                .orDefault(standard.defaultAction()),
                        reader.enumeration("policies.pathNormalization", PathNormalizer.Mode.class)
                                .orDefault(standard.pathNormalization()),
                        standard.spaceDelimitedClaims(),
                        reader.bool("policies.multipleCustomProviders").orDefault(false),
                        new ExternalAuthorizerReader(reader, trustDomain).read()),
                reader.enumeration("agents.onPeerCertificateExpiry", OnPeerCertificateExpiry.class)
                        .orDefault(OnPeerCertificateExpiry.KEEP),
                reader.duration("agents.maxStale", SECOND, Duration.ofDays(30)).optional());
    }

    private ServerConfig.TokenKeyFetching tokenKeys() {
        List<String> networks = reader.strings("policies.tokenKeys.allowedNetworks");
        for (String network : networks) {
            if (IpBlock.parse(network) == null) {
                reader.problem(
                        "policies.tokenKeys.allowedNetworks", network, "an address or CIDR range");
            }
        }
        return new ServerConfig.TokenKeyFetching(
                networks, reader.path("policies.tokenKeys.caFile").optional());
    }
}
