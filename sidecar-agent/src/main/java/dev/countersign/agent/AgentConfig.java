package dev.countersign.agent;

import ch.qos.logback.classic.Level;
import dev.countersign.agent.ca.CaAddress;
import dev.countersign.agent.proxy.IdentityFields;
import dev.countersign.agent.proxy.InboundListener;
import dev.countersign.agent.proxy.OutboundListener;
import dev.countersign.agent.proxy.Protocol;
import dev.countersign.agent.proxy.ProxyLimits;
import dev.countersign.agent.proxy.RedirectConfig;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.runtime.ConfigRefused;
import dev.countersign.runtime.Logging;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What an agent is told by its YAML file and {@code COUNTERSIGN_…} variables.
 *
 * <pre>{@code
 * trustDomain: example.org
 * ca: { address: ca.example.org:9443 }      # serverId: defaults to spiffe://<trustDomain>/countersign/ca-server
 * bootstrap: { file: bootstrap.json, tokenFile: /var/run/secrets/tokens/countersign }
 * state: { directory: /run/countersign }    # without it a restart needs the CA
 * listeners:
 *   inbound:  [ { listen: 0.0.0.0:15006, target: 127.0.0.1:8080, protocol: http } ]
 *   outbound: [ { listen: 127.0.0.1:18080, target: orders:15006, protocol: http,
 *                 peer: spiffe://example.org/ns/shop/sa/orders } ]
 * proxy: { peerHeader: true, clientCertHeader: false, eventLoops: 2, drain: 30s }
 * ops: { listen: 127.0.0.1:15020 }
 * limits: { connections: 10000 }            # see LimitsReader
 * mode: redirect                            # explicit; redirect: see RedirectReader
 * }</pre>
 *
 * @param ca where the CA is and who it must be
 * @param bootstrapFile the roots and bundle-signing keys to start from
 * @param tokenFile the workload's token, read at every use
 * @param stateDirectory empty: nothing is kept
 * @param ops loopback by default; port 0 takes a free one
 * @param eventLoops of the proxy, 1 to 16
 * @param drain how long requests may go on after SIGTERM
 * @param limits bounds of connections
 * @param operations how it is looked at, told what to do, and how it ends
 * @param identity how the application is told its peer's identity
 * @param redirect for connections that the kernel leads here; empty in explicit mode
 */
public record AgentConfig(
        TrustDomain trustDomain,
        CaAddress ca,
        Path bootstrapFile,
        Path tokenFile,
        Optional<Path> stateDirectory,
        List<InboundListener> inbound,
        List<OutboundListener> outbound,
        InetSocketAddress ops,
        int eventLoops,
        Duration drain,
        IdentityFields identity,
        ProxyLimits limits,
        OperationsConfig operations,
        Optional<RedirectConfig> redirect,
        Logging.Format logFormat,
        Level logLevel) {
    private static final int MAX_LOOPS = 16;
    private static final int OPS_PORT = 15_020;
    private static final String ADDRESS = "host:port or unix:/path";
    private static final String LEVELS = "error | warn | info | debug | trace";
    private static final String UNIX = "unix:";

    /** A configuration, and every effective value as text; secrets are never in it. */
    public record Loaded(AgentConfig config, String rendered) {}

    /**
     * @param environment overrides, as {@link ConfigReader} reads them
     * @throws ConfigRefused with every problem at once
     */
    public static Loaded load(Path file, Map<String, String> environment) throws ConfigRefused {
        ConfigReader reader = ConfigReader.load(file, environment);
        AgentConfig config = read(reader);
        reader.finish();
        return new Loaded(config, reader.render());
    }

    private static AgentConfig read(ConfigReader reader) {
        TrustDomain trustDomain =
                reader.value(
                                "trustDomain",
                                new TrustDomain("missing"),
                                "a trust domain name without scheme",
                                TrustDomain::parse)
                        .required();
        List<InboundListener> inbound = numbered(reader, "inbound", AgentConfig::inbound);
        List<OutboundListener> outbound = numbered(reader, "outbound", AgentConfig::outbound);
        Optional<Path> state = reader.path("state.directory").optional();
        InetSocketAddress ops =
                reader.hostPort("ops.listen")
                        .orDefault(InetSocketAddress.createUnresolved("127.0.0.1", OPS_PORT));
        return new AgentConfig(
                trustDomain,
                ca(reader, trustDomain),
                reader.path("bootstrap.file").required(),
                reader.path("bootstrap.tokenFile").required(),
                state,
                inbound,
                outbound,
                ops,
                Math.toIntExact(
                        reader.integer("proxy.eventLoops", 1, MAX_LOOPS).orDefault(defaultLoops())),
                reader.duration("proxy.drain", Duration.ZERO, Duration.ofHours(1))
                        .orDefault(Duration.ofSeconds(30)),
                new IdentityFields(
                        reader.bool("proxy.peerHeader").orDefault(true),
                        reader.bool("proxy.clientCertHeader").orDefault(false)),
                new LimitsReader(reader).read(),
                OperationsConfig.read(reader, ops, state),
                new RedirectReader(reader).read(),
                reader.enumeration("log.format", Logging.Format.class)
                        .orDefault(Logging.Format.JSON),
                reader.value("log.level", Level.INFO, LEVELS, AgentConfig::level)
                        .orDefault(Level.INFO));
    }

    /**
     * @throws IllegalArgumentException with value and expectation
     */
    static Level level(String text) {
        if (!List.of(LEVELS.split(" \\| ", -1)).contains(text)) {
            throw new IllegalArgumentException("level: " + text + " (expected: " + LEVELS + ")");
        }
        return Level.toLevel(text);
    }

    private static long defaultLoops() {
        return Math.min(2, Runtime.getRuntime().availableProcessors());
    }

    private static CaAddress ca(ConfigReader reader, TrustDomain trustDomain) {
        SpiffeId serverId =
                spiffeId(reader, "ca.serverId").orElse(WellKnownIds.caServer(trustDomain));
        if (!serverId.trustDomain().equals(trustDomain)) {
            reader.problem("ca.serverId", serverId.toString(), "an ID of " + trustDomain);
        }
        return reader.value(
                        "ca.address",
                        new CaAddress("missing", 1, serverId),
                        "host:port, or several with commas between",
                        text -> CaAddress.parse(text, serverId))
                .required();
    }

    private static Optional<SpiffeId> spiffeId(ConfigReader reader, String key) {
        return reader.value(
                        key,
                        SpiffeId.parse("spiffe://missing/missing"),
                        "a SPIFFE ID",
                        SpiffeId::parse)
                .optional();
    }

    private static InboundListener inbound(ConfigReader reader, int index) {
        return new InboundListener(
                reader.string("name").orDefault("inbound-" + index),
                listen(reader),
                address(reader, "target"),
                protocol(reader));
    }

    private static OutboundListener outbound(ConfigReader reader, int index) {
        return new OutboundListener(
                reader.string("name").orDefault("outbound-" + index),
                listen(reader),
                address(reader, "target"),
                reader.value(
                                "peer",
                                SpiffeId.parse("spiffe://missing/missing"),
                                "the peer's SPIFFE ID",
                                SpiffeId::parse)
                        .required(),
                protocol(reader));
    }

    private static Protocol protocol(ConfigReader reader) {
        return reader.enumeration("protocol", Protocol.class).orDefault(Protocol.AUTO);
    }

    private static SocketAddress address(ConfigReader reader, String key) {
        return reader.value(
                        key,
                        (SocketAddress) InetSocketAddress.createUnresolved("missing", 1),
                        ADDRESS,
                        AgentConfig::address)
                .required();
    }

    /** A name to listen on is looked up now: there is no later. */
    private static SocketAddress listen(ConfigReader reader) {
        SocketAddress address = address(reader, "listen");
        return address instanceof InetSocketAddress inet && inet.isUnresolved()
                ? new InetSocketAddress(inet.getHostString(), inet.getPort())
                : address;
    }

    private static SocketAddress address(String text) {
        if (text.startsWith(UNIX)) {
            return UnixDomainSocketAddress.of(text.substring(UNIX.length()));
        }
        if (text.startsWith("/")) {
            return UnixDomainSocketAddress.of(text);
        }
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException(text);
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.indexOf(':') >= 0 && !bracketed) {
            throw new IllegalArgumentException(text);
        }
        String name = bracketed ? host.substring(1, host.length() - 1) : host;
        int port = Integer.parseInt(text.substring(colon + 1));
        return isLiteral(name)
                ? new InetSocketAddress(name, port)
                : InetSocketAddress.createUnresolved(name, port);
    }

    /** Literals are resolved without asking anybody; names are looked up when they are dialled. */
    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0
                || host.toLowerCase(Locale.ROOT)
                        .chars()
                        .allMatch(c -> c == '.' || Character.isDigit(c));
    }

    private interface Listener<T> {
        T read(ConfigReader reader, int index);
    }

    private static <T> List<T> numbered(
            ConfigReader reader, String direction, Listener<T> listener) {
        AtomicInteger index = new AtomicInteger();
        return reader.list(
                "listeners." + direction, each -> listener.read(each, index.getAndIncrement()));
    }
}
